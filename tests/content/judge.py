#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""judge.py SEKIMORI POLICY PLAN CARRIED CAPTURES - replays every cell's capture and prints the matrix.

	+ found: an alert of severity 1 with detector my-number or resident-code
	u not readable, and said so: an uninspectable alert and no number
	. clean: no alert of severity 1 (decoys)
	- missed, or a false alarm on a decoy    ! not carried, or replay failed
A skipped or missed cell is a failed cell: exit 1."""

import collections
import concurrent.futures
import json
import os
import subprocess
import sys

NUMBERS = ("my-number", "resident-code")
ACCEPTED = {"found": "+", "unread": "u", "told": "+u", "clean": "."}


def alerts(sekimori, policy, capture):
    run = subprocess.run([sekimori, "replay", "--policy", policy, capture], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if run.returncode != 0:
        raise OSError(run.stderr.decode("utf-8", "replace").strip())
    for line in run.stdout.splitlines():
        event = json.loads(line)
        if event.get("event_type") == "alert":
            yield event["alert"]["severity"], event.get("sekimori", {}).get("detector")


def mark(sekimori, policy, capture, outcome):
    try:
        seen = list(alerts(sekimori, policy, capture))
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as e:
        return "!", str(e)
    if outcome == "clean":
        loud = sorted({str(d) for severity, d in seen if severity == 1 or d in NUMBERS})
        return ("-", "false alarm: " + ", ".join(loud)) if loud else (".", "")
    if any(d in NUMBERS for severity, d in seen if severity == 1):
        return "+", ""
    return ("u", "") if any(d == "uninspectable" for _, d in seen) else ("-", "missed")


class Matrix:
    def __init__(self):
        self.cells, self.protocols, self.bad = {}, [], collections.Counter()
        self.passed, self.reasons = 0, []

    def add(self, row, protocol, m, outcome, why):
        if protocol not in self.protocols:
            self.protocols.append(protocol)
        self.cells[row, protocol] = m
        if m in ACCEPTED[outcome]:
            self.passed += 1
        else:
            self.bad[row[2], protocol] += 1
            self.reasons.append("FAIL %s / %s / %s by %s: wanted %s: %s" % (*row, protocol, outcome, why or m))

    def show(self):
        rows = list(dict.fromkeys(row for row, _ in self.cells))
        print("%-10s %-17s %-13s %s" % ("document", "encoding", "container", " ".join(self.protocols)))
        for row in rows:
            marks = (self.cells.get((row, p), " ").center(len(p)) for p in self.protocols)
            print("%-10s %-17s %-13s %s" % (*row, " ".join(marks).rstrip()))


def main():
    sekimori, policy, plan, carried, captures = sys.argv[1:6]
    codes = dict(line.split() for line in open(carried))
    cells = [line.rstrip("\n").split("\t") for line in open(plan, encoding="utf-8")]

    def judge(c):
        if codes.get(c[0]) != "0":
            return "!", "not carried"
        return mark(sekimori, policy, os.path.join(captures, c[1] + ".pcap"), c[8])

    m = Matrix()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for c, (found, why) in zip(cells, pool.map(judge, cells)):
            m.add((c[4], c[5], c[6]), c[2], found, c[8], why)
    m.show()
    for line in m.reasons[:int(os.environ.get("SHOW", "20"))]:
        print(line)
    for (container, protocol), n in sorted(m.bad.items(), key=lambda x: -x[1])[:40]:
        print("  failed: %3d of container %s by %s" % (n, container, protocol))
    print("content: %d passed, %d failed" % (m.passed, len(m.reasons)))
    sys.exit(bool(m.reasons) or not m.passed)


main()
