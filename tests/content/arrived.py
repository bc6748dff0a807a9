#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""arrived.py PLAN CARRIED DOCUMENTS SERVED: what each client says it sent is at the server, byte for byte where the server keeps
files. Prints the cells that did not arrive; exit 1 when there is one."""

import os
import sys

PLACES = {"http-put": "put", "http-chunked": "put", "ftp": "ftp/in", "ftp-active": "ftp/in", "smb2": "smb", "smb3": "smb", "tftp": "tftp"}


def content(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


def arrived(served, documents, printed, address, protocol, name):
    sent = content(os.path.join(documents, name))
    if protocol in PLACES:
        return content(os.path.join(served, PLACES[protocol], address)) == sent
    if protocol == "raw":
        return sent in printed
    if protocol == "imap":
        box = os.path.join(served, "mail", address, "box")
        return any(os.listdir(os.path.join(box, d)) for d in ("new", "cur"))
    return True			# the server's answer made the client's exit code


def main():
    plan, carried, documents, served = sys.argv[1:5]
    codes = dict(line.split() for line in open(carried))
    printed = content(os.path.join(served, "printed")) or b""
    total = failed = 0
    for line in open(plan, encoding="utf-8"):
        cell, address, protocol, name = line.split("\t")[:4]
        total += 1
        if codes.get(cell) != "0" or not arrived(served, documents, printed, address, protocol, name):
            failed += 1
            print("not carried: %s by %s (client: %s)" % (name, protocol, codes.get(cell, "did not run")))
    print("carriers: %d passed, %d failed" % (total - failed, failed))
    sys.exit(failed != 0)


main()
