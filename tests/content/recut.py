#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""recut.py SEKIMORI POLICY PLAN CAPTURES [CONTAINER,...]

The splitting property on real conversations: for one cell of each protocol, container and encoding, the same bytes arrive in
other segments. Each must give what the whole capture gives, or say that it was not the same for both ends (a protocol or
uninspectable event); a conversation that was retransmitted and changed never passes unseen."""

import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

from scapy.all import IP, TCP, PcapReader, PcapWriter, Raw

NUMBERS = ("my-number", "resident-code")
ENCODINGS = ("utf-8", "cp932-full", "iso-2022-jp-full", "utf-16le")


def part(p, data, at):
    """A segment of `data` whose first byte is byte `at` of p's."""
    q = p.copy()
    q[TCP].remove_payload()
    q[TCP].seq = (p[TCP].seq + at) % 2**32
    q = q / Raw(data)
    if at + len(data) < len(p[TCP].payload):
        q[TCP].flags = int(q[TCP].flags) & ~0x09	# FIN and PSH belong to the last
    del q[IP].len, q[IP].chksum, q[TCP].chksum
    return q


def pieces(p, sizes):
    data, at = bytes(p[TCP].payload), 0
    while at < len(data):
        n = next(sizes)
        yield part(p, data[at:at + n], at)
        at += n


def garbled(q):
    return part(q, bytes(b ^ 0x15 for b in bytes(q[TCP].payload)), 0)


def ones(rng, p):
    return pieces(p, itertools.repeat(1))


def cut(rng, p):
    return pieces(p, iter(lambda: rng.randrange(1, 90), None))


def reordered(rng, p):
    out = list(cut(rng, p))
    for at in range(0, len(out), 8):
        window = out[at:at + 8]
        rng.shuffle(window)
        out[at:at + 8] = window
    return out


def backwards(rng, p):
    return reversed(list(cut(rng, p)))


def repeated(rng, p):
    for q in cut(rng, p):
        yield from (q, q)


def overlapping(rng, p):
    """Every segment begins up to 40 bytes before its place, with the same data."""
    data, at = bytes(p[TCP].payload), 0
    while at < len(data):
        n, back = rng.randrange(1, 90), min(at, rng.randrange(40))
        yield part(p, data[at - back:at + n], at - back)
        at += n


def changed_after(rng, p):
    for q in cut(rng, p):
        yield from (q, garbled(q))


def changed_before(rng, p):
    """What the receiver keeps is a matter of its stack: the false data comes first."""
    for q in cut(rng, p):
        yield from (garbled(q), q)


def changed_ahead(rng, p):
    """The false copy lies beyond a gap, the true one fills it afterwards."""
    out = list(cut(rng, p))
    for a, b in zip(out[::2], out[1::2]):
        yield from (garbled(b), a, b)
    if len(out) % 2:
        yield out[-1]


CUTS = (ones, cut, reordered, backwards, repeated, overlapping)
CHANGES = (changed_after, changed_before, changed_ahead)


def recut(packets, how, path):
    rng = random.Random(path)
    with PcapWriter(path, sync=False) as out:
        for p in packets:
            whole = not p.haslayer(TCP) or not p[TCP].payload
            for k, q in enumerate([p] if whole else how(rng, p)):
                q.time = p.time + k / 10**6
                out.write(q)


def verdict(sekimori, policy, capture):
    run = subprocess.run([sekimori, "replay", "--policy", policy, capture], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if run.returncode:
        return "replay ended with %d: %s" % (run.returncode, run.stderr.decode("utf-8", "replace").strip()[-200:])
    events = [json.loads(line) for line in run.stdout.splitlines()]
    detectors = {e["sekimori"].get("detector") for e in events if e["event_type"] == "alert"}
    if detectors & set(NUMBERS):
        return "found"
    if detectors & {"protocol", "uninspectable"} or any(e["event_type"] == "anomaly" for e in events):
        return "told"
    return "passed unseen"


def chosen(plan, containers):
    seen = set()
    for line in open(plan, encoding="utf-8"):
        _, address, protocol, _, kind, encoding, container, _, outcome = line.rstrip("\n").split("\t")
        if kind == "list" and outcome == "found" and container in containers and encoding in ENCODINGS and protocol != "tftp":
            if (protocol, container, encoding) not in seen:
                seen.add((protocol, container, encoding))
                yield address, "%s / %s / %s" % (protocol, container, encoding)


def main():
    sekimori, policy, plan, captures = sys.argv[1:5]
    containers = sys.argv[5].split(",") if len(sys.argv) > 5 else ("csv", "zip", "mail-base64")
    passed = failed = found = 0
    with tempfile.TemporaryDirectory() as d:
        for address, name in chosen(plan, containers):
            packets = list(PcapReader(os.path.join(captures, address + ".pcap")))
            for how in CUTS + CHANGES:
                path = os.path.join(d, "recut.pcap")
                recut(packets, how, path)
                got = verdict(sekimori, policy, path)
                if got == "found" or got == "told":
                    passed += 1
                    found += got == "found"
                else:
                    failed += 1
                    print("FAIL %s, %s: %s" % (name, how.__name__, got))
    print("recut: %d found, %d said that the ends may disagree" % (found, passed - found))
    print("recut: %d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0 or not passed)


main()
