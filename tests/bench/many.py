#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""many.py OUT PACKETS PCAP...: the conversations of small captures again and again, each round from other addresses.

Checksums are mended by difference (RFC 1624), so that no program refuses a packet."""
import struct
import sys

ETHERNET = 14


def packets(path):
    data, at = open(path, "rb").read(), 24
    while at < len(data):
        _, _, n, _ = struct.unpack("<IIII", data[at:at + 16])
        frame = data[at + 16:at + 16 + n]
        at += 16 + n
        if frame[12:14] == b"\x08\x00":
            yield bytearray(frame)


def mend(frame, at, old, new):
    value = struct.unpack(">H", frame[at:at + 2])[0]
    total = (~value & 0xffff) + (~old & 0xffff) + new
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    struct.pack_into(">H", frame, at, ~total & 0xffff)


def moved(frame, round_number):
    """The client's address, 10.x.1.10, becomes 10.x.(2 + round / 200).(round % 200)."""
    frame = bytearray(frame)
    for at in (ETHERNET + 12, ETHERNET + 16):
        if frame[at] == 10 and frame[at + 2:at + 4] == b"\x01\x0a":
            old = struct.unpack(">H", frame[at + 2:at + 4])[0]
            new = (2 + round_number // 200) % 250 << 8 | round_number % 200
            struct.pack_into(">H", frame, at + 2, new)
            mend(frame, ETHERNET + 10, old, new)
            offset = {6: 16, 17: 6}.get(frame[ETHERNET + 9])
            if offset and not frame[ETHERNET + 6] & 0x3f and not frame[ETHERNET + 7]:
                mend(frame, ETHERNET + 20 + offset, old, new)
    return frame


frames = [f for path in sys.argv[3:] for f in packets(path)]
want, time = int(sys.argv[2]), 1_792_000_000_000_000
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for round_number in range(want // len(frames) + 1):
        for frame in frames:
            time += 20
            out.write(struct.pack("<IIII", time // 1_000_000, time % 1_000_000, len(frame), len(frame)))
            out.write(moved(frame, round_number))
