#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cut.py IN FIRST SECOND: a classic pcap in two, at the middle packet."""
import struct
import sys

data = open(sys.argv[1], "rb").read()
head, at, packets = data[:24], 24, []
order = "<" if head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
while at < len(data):
    size = 16 + struct.unpack(order + "I", data[at + 8:at + 12])[0]
    packets.append(data[at:at + size])
    at += size
half = (len(packets) + 1) // 2
open(sys.argv[2], "wb").write(head + b"".join(packets[:half]))
open(sys.argv[3], "wb").write(head + b"".join(packets[half:]))
