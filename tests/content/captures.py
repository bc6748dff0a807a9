#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""captures.py SEKIMORI CORPORA [CATEGORY-PREFIX]

Every capture of others (CORPORA/manifest.tsv) replayed with content inspection. Nobody there sent individual numbers of Japan, so
each alert about a number, a code or a record is false; it is printed with its file. Exit 1: a false alarm, or a replay that crashed."""

import collections
import concurrent.futures
import json
import os
import subprocess
import sys

FALSE = ("my-number", "resident-code", "record", "register")
OPTIONS = ["--policy", os.path.join(os.path.dirname(os.path.abspath(__file__)), "captures.rules"),
           "--client-zone", "near", "--server-zone", "far", "--decapsulate"]
SUFFIXES = (".pcap", ".pcapng", ".cap", ".trace", ".snoop")


def alerts(sekimori, path):
    """Detectors of the content, counted; and the error of a replay that did not end by itself."""
    seen = collections.Counter()
    try:
        run = subprocess.run([sekimori, "replay", *OPTIONS, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    except subprocess.TimeoutExpired:
        return seen, "no end after 300 s"
    for line in run.stdout.splitlines():
        event = json.loads(line)
        if event["event_type"] == "alert":
            seen[event["sekimori"].get("detector")] += 1
    return seen, None if run.returncode in (0, 2) else "exit %d: %s" % (run.returncode, run.stderr.decode("utf-8", "replace")[:500])


def captures(corpora, prefix):
    for line in open(os.path.join(corpora, "manifest.tsv"), encoding="utf-8"):
        name, _, _, category = line.split("\t")[:4]
        if name.endswith(SUFFIXES) and category.startswith(prefix):
            yield name, category


def main():
    sekimori, corpora = sys.argv[1:3]
    files = list(captures(corpora, sys.argv[3] if len(sys.argv) > 3 else ""))
    total, false, broken = collections.Counter(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (name, category), (seen, error) in zip(files, pool.map(lambda f: alerts(sekimori, os.path.join(corpora, f[0])), files)):
            total.update(seen)
            if error:
                broken += 1
                print("FAIL %s (%s): %s" % (name, category, error))
            for detector in FALSE:
                if seen[detector]:
                    false += 1
                    print("FAIL %s (%s): %d alerts of %s" % (name, category, seen[detector], detector))
    print("captures: %d files; alerts: %s" % (len(files), ", ".join("%s %d" % x for x in total.most_common()) or "none"))
    print("captures: %d passed, %d failed" % (len(files) - false - broken, false + broken))
    sys.exit(bool(false or broken) or not files)


main()
