#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""block_judge.py PLAN CARRIED DOCUMENTS SERVED EVENTS ANSWERS

What really reached the server of a list in the middle of a file: the server's own file is read again, numbers in it are counted.
A list is stopped when the client failed, fewer numbers arrived than make a list (7), and the event says blocked; its twin
without numbers arrives whole. `ANSWERS` is what the clients said, for the page of HTTP and SMTP's 554."""

import glob
import json
import os
import sys

from charsets import ENCODINGS
from reread import count, mail_text, text_of

LIST = 7
PLACES = {"http-put": ("nginx-body/*",), "ftp": ("ftp/in/{a}",), "smb3": ("smb/{a}",), "tftp": ("tftp/{a}",), "raw": ("printed",),
          "smtp": ("mbox",), "imap": ("mail/{a}/box/*/*",), "http-get": ("got/{a}",), "pop3": ("got/{a}",)}
SAYS = {"http-put": ("403",), "smtp": ("554",)}


def received(served, protocol, address, before):
    """Bytes at the server (at the client, of a download) and the numbers in them."""
    content = b""
    for place in PLACES[protocol]:
        for path in glob.glob(os.path.join(served, place.format(a=address))):
            if os.path.getmtime(path) >= before:
                with open(path, "rb") as f:
                    content += f.read()
    mail = protocol in ("smtp", "imap", "pop3")
    e = ENCODINGS["utf-8"]
    text = mail_text(content, e) if mail and content else text_of(content, e)
    return len(content), count(text, "list")


def blocked(events, address):
    return any(e.get("event_type") == "alert" and e["alert"]["action"] == "blocked" and address in (e.get("dest_ip"), e.get("src_ip")) and
               e["sekimori"]["detector"] == "my-number" for e in events)


def main():
    plan, carried, documents, served, events, answers = sys.argv[1:7]
    codes = dict(line.split() for line in open(carried))
    with open(events, encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    with open(answers, encoding="utf-8", errors="replace") as f:
        said = f.read().splitlines()
    passed = failed = 0
    for line in open(plan, encoding="utf-8"):
        cell, address, protocol, name, kind, *_ = line.rstrip("\n").split("\t")
        size = os.path.getsize(os.path.join(documents, name))
        n, numbers = received(served, protocol, address, 0)
        why = []
        if kind == "buried":
            if codes.get(cell) == "0":
                why.append("the client was told that it went well")
            if numbers >= LIST:
                why.append("%d numbers arrived" % numbers)
            if not blocked(events, address):
                why.append("no event says blocked")
            for word in SAYS.get(protocol, ()):
                if not any(s.startswith("carry %s " % cell) and word in s for s in said):
                    why.append("the client did not hear %s" % word)
        else:
            if codes.get(cell) != "0":
                why.append("the client failed")
            if blocked(events, address):
                why.append("it was blocked")
        print("%-4s %-7s %-9s file %7d bytes, at the receiver %7d bytes and %2d numbers, client %s%s" % (
            "FAIL" if why else "ok", kind, protocol, size, n, numbers, codes.get(cell, "-"), "".join("; " + w for w in why)))
        passed, failed = passed + (not why), failed + bool(why)
    print("block: %d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0 or not passed)


main()
