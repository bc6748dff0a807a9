#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bad_judge.py SEKIMORI POLICY CAPTURES MEGABYTES <LIST of case, address, outcomes

Each capture is replayed on its own: no crash, no complaint of a sanitizer, no more memory than MEGABYTES above what the first
and harmless capture (case "plain") needs, and the outcome is one of those that are right."""

import json
import os
import subprocess
import sys
import tempfile
import time

NUMBERS = ("my-number", "resident-code")


def outcome_of(events):
    detectors = {e["sekimori"].get("detector") for e in events if e["event_type"] == "alert"}
    found = {"found"} if detectors & set(NUMBERS) else set()
    told = {"told"} if detectors & {"protocol", "uninspectable"} or any(e["event_type"] == "anomaly" for e in events) else set()
    return found | told


def replayed(sekimori, policy, capture):
    """Outcome, megabytes, seconds; the outcome is a text when the replay failed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        start = time.monotonic()
        p = subprocess.Popen([sekimori, "replay", "--policy", policy, capture], stdout=out, stderr=said)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said.seek(0)
        if p.returncode:
            got = "replay ended with %d: %s" % (p.returncode, said.read().decode("utf-8", "replace")[:1500])
        else:
            got = outcome_of([json.loads(line) for line in out])
    return got, usage.ru_maxrss / 1024, time.monotonic() - start


def main():
    sekimori, policy, captures, limit = sys.argv[1:5]
    base, passed, failed = None, 0, 0
    for line in sys.stdin:
        case, address, wanted = line.rstrip("\n").split("\t")
        got, mb, seconds = replayed(sekimori, policy, os.path.join(captures, address + ".pcap"))
        base = base or mb
        words = got if isinstance(got, str) else " and ".join(sorted(got)) or "nothing said"
        right = not isinstance(got, str) and ("any" in wanted or got & set(wanted.split()))
        if right and mb - base <= float(limit):
            passed += 1
        else:
            failed += 1
            words = "FAIL (wanted: %s) %s" % (wanted, words)
        print("%-26s %5.0f MB %5.1f s  %s" % (case, mb, seconds, words))
    print("bad input: %d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0 or not passed)


main()
