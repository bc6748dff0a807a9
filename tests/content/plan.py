#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""plan.py DOCUMENTS PROTOCOL,... >PLAN

A cell for every file of DOCUMENTS/INDEX.tsv and protocol: cell, address, protocol, file, kind, encoding, container, numbers, outcome.
Companions for mail (FILE.eml) and the boxes of POP3 (DOCUMENTS/pop3/ADDRESS) are written beside."""

import os
import sys

from containers import mail_with

MAIL = ("imap", "pop3")


def companion(directory, name):
    path = os.path.join(directory, name + ".eml")
    if not os.path.exists(path):
        with open(os.path.join(directory, name), "rb") as f:
            content = mail_with(f.read(), name)
        with open(path, "wb") as f:
            f.write(content)
    return path


def main():
    directory, protocols = sys.argv[1], sys.argv[2].split(",")
    cell = 0
    os.makedirs(os.path.join(directory, "pop3"), exist_ok=True)
    for line in open(os.path.join(directory, "INDEX.tsv"), encoding="utf-8"):
        name, kind, encoding, container, numbers, outcome, _ = line.rstrip("\n").split("\t")
        for protocol in protocols:
            address = "10.2.%d.%d" % (cell // 250 + 1, cell % 250 + 1)
            message = os.path.join(directory, name)
            if protocol in MAIL and not name.endswith(".eml"):
                message = companion(directory, name)
            if protocol == "pop3":
                if os.path.lexists(os.path.join(directory, "pop3", address)):
                    os.unlink(os.path.join(directory, "pop3", address))
                os.symlink(message, os.path.join(directory, "pop3", address))
            print(cell, address, protocol, name, kind, encoding, container, numbers, outcome, sep="\t")
            cell += 1


main()
