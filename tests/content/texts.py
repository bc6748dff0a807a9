#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""texts.py CORPORA OUT - the documents of others (CORPORA/text) as documents of the matrix: none holds a list of numbers."""

import hashlib
import os
import shutil
import sys


def main():
    source, out = os.path.join(sys.argv[1], "text"), sys.argv[2]
    os.makedirs(out, exist_ok=True)
    n = 0
    with open(os.path.join(out, "INDEX.tsv"), "w", encoding="utf-8") as index:
        for folder, _, names in sorted(os.walk(source)):
            for name in sorted(names):
                n += 1
                to = "%03d%s" % (n, os.path.splitext(name)[1].lower())
                shutil.copyfile(os.path.join(folder, name), os.path.join(out, to))
                with open(os.path.join(folder, name), "rb") as f:
                    digest = hashlib.sha256(f.read()).hexdigest()
                print(to, os.path.basename(folder)[:10], name[:17], os.path.splitext(name)[1][1:] or "-", 0, "clean", digest, sep="\t", file=index)


main()
