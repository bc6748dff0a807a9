#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""split.py CAPTURE DIR: a capture of the town into one for each address of 10.2.0.0/16, DIR/ADDRESS.pcap (Ethernet, IPv4)."""

import os
import struct
import sys


def records(f):
    while True:
        head = f.read(16)
        if len(head) < 16:
            return
        yield head, f.read(struct.unpack("<I", head[8:12])[0])


def cell_of(frame):
    for at in (30, 26):
        if frame[at:at + 2] == b"\x0a\x02":
            return ".".join(str(b) for b in frame[at:at + 4])
    return None


def main():
    cells = {}
    with open(sys.argv[1], "rb") as f:
        head = f.read(24)
        assert head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"), "not the capture of this machine's tcpdump"
        for record, frame in records(f):
            cell = cell_of(frame)
            if cell:
                cells.setdefault(cell, []).append(record + frame)
    os.makedirs(sys.argv[2], exist_ok=True)
    for cell, packets in cells.items():
        with open(os.path.join(sys.argv[2], cell + ".pcap"), "wb") as f:
            f.write(head + b"".join(packets))
    print("split: %d cells" % len(cells))


main()
