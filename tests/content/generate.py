#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""generate.py OUT [--seed N] [--kinds K,...] [--encodings E,...] [--containers C,...] [--count N]

Documents that carry individual numbers drawn at random and tied to nobody, and decoys that carry none. The same seed gives
the same documents, but for those that LibreOffice stamps with a time. OUT/INDEX.tsv says of each file: path, kind, encoding, container,
how many numbers, what must become of it (found, unread, told: either, clean), sha256. A number is never printed.
"""

import argparse
import hashlib
import os
import random

from charsets import ENCODINGS
from containers import CONTAINERS
from decoys import DECOYS
from office import OFFICE, Office
from people import table, widened


def rows_of(kind, rng, count):
    if kind in DECOYS:
        return DECOYS[kind](rng, count), 0
    return table(rng, kind, min(count, 12))


def made(args, kind, e, container, office):
    rng = random.Random("%s/%s/%s/%s" % (args.seed, kind, e.name, container))
    rows, n = rows_of(kind, rng, args.count)
    if e.full:
        rows = widened(rows)
    if container in OFFICE:
        suffix, _, _, outcome = OFFICE[container]
        content = office.make(container, rows, e)
    else:
        suffix, maker, outcome = CONTAINERS[container]
        content = maker(rows, e)
    return suffix, content, n, outcome if n else "clean"


def write(args, kind, e, container, office):
    suffix, content, n, outcome = made(args, kind, e, container, office)
    name = "%s.%s.%s.%s" % (kind, e.name, container, suffix)
    with open(os.path.join(args.out, name), "wb") as f:
        f.write(content)
    return "\t".join((name, kind, e.name, container, str(n), outcome, hashlib.sha256(content).hexdigest()))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--kinds", default="list")
    p.add_argument("--encodings", default=",".join(ENCODINGS))
    p.add_argument("--containers", default=",".join([*CONTAINERS, *OFFICE]))
    p.add_argument("--count", type=int, default=12, help="numbers of a list (12 at most), rows of a decoy")
    args = p.parse_args()
    os.makedirs(args.out, exist_ok=True)
    office = Office()
    with open(os.path.join(args.out, "INDEX.tsv"), "a", encoding="utf-8") as index:
        for kind in args.kinds.split(","):
            for e in args.encodings.split(","):
                for c in args.containers.split(","):
                    index.write(write(args, kind, ENCODINGS[e], c, office) + "\n")


main()
