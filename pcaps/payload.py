#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""payload.py DIRECTORY          what content.sh sends, generated from a fixed seed; no name and no number is anybody's
payload.py --bdat HOST FILE   a message by SMTP's BDAT, in three chunks
payload.py --imap HOST FILE   a message into a mailbox by APPEND, out of it whole and in parts"""

import gzip
import imaplib
import os
import random
import socket
import sys

SEED = 20260104
FAMILY, GIVEN = "佐藤 鈴木 髙橋 田中 渡邉 伊藤".split(), "太郎 花子 一郎 さくら 健 陽子".split()


def rows(count, rng):
    for i in range(count):
        yield "%s %s,神里町大字%s%d番地,%012d\r\n" % (rng.choice(FAMILY), rng.choice(GIVEN), rng.choice("東西南北"), rng.randrange(1, 999),
                                                  rng.randrange(10**12))


def mail(text):
    lines = ["From: a@a.example", "To: mbox@kamisato.example", "Subject: =?UTF-8?B?5ZCN57C/?=", "Message-ID: <1@a.example>",
             "Date: Sun, 04 Jan 2026 03:04:05 +0900", "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8",
             "Content-Transfer-Encoding: 8bit", "", ".", "..two dots", "...", text.replace("\r\n", "\n").rstrip("\n")]
    return "\n".join(lines) + "\n"


def write(directory, name, data):
    with open(os.path.join(directory, name), "wb") as f:
        f.write(data)


def generate(directory):
    rng = random.Random(SEED)
    small = ("氏名,住所,番号\r\n" + "".join(rows(40, rng))).encode()
    big = "".join(rows(400, rng)).encode()
    letter = mail("".join(rows(12, rng)))
    write(directory, "list.csv", small)
    write(directory, "big.csv", big)
    write(directory, "list.csv.gz", gzip.compress(small, mtime=0))
    write(directory, "mail.eml", letter.encode())
    write(directory, "mail.crlf", letter.replace("\n", "\r\n").encode())
    write(directory, "form.multipart", b"--x1y2\r\nContent-Disposition: form-data; name=\"f\"; filename=\"list.csv\"\r\n\r\n" + small +
          b"\r\n--x1y2--\r\n")
    write(directory, "form.urlencoded", ("text=" + "".join("%%%02X" % b for b in small[:600])).encode())
    write(directory, "lines", "".join(r.replace("\r", "") for r in rows(5, rng)).encode())
    write(directory, "job.bytes", b"\x1bE" + small + b"\x1bE")
    write(directory, "job.pjl", b"\x1b%-12345X@PJL\r\n" + "@PJL JOB NAME=\"名簿\"\r\n".encode() + b"@PJL ENTER LANGUAGE=PCL\r\n\x1bE" + small +
          b"\x1bE\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X")


def answers(f):
    while f.readline()[3:4] == b"-":
        pass


def bdat(host, path):
    data = open(path, "rb").read().replace(b"\n", b"\r\n")
    third = len(data) // 3
    with socket.create_connection((host, 25), 10) as s, s.makefile("rb") as f:
        answers(f)
        for command in (b"EHLO a.example", b"MAIL FROM:<a@a.example> BODY=8BITMIME", b"RCPT TO:<mbox@kamisato.example>"):
            s.sendall(command + b"\r\n")
            answers(f)
        for at, last in ((0, b""), (third, b""), (2 * third, b" LAST")):
            chunk = data[at:] if last else data[at:at + third]
            s.sendall(b"BDAT %d%s\r\n" % (len(chunk), last) + chunk)
            answers(f)
        s.sendall(b"QUIT\r\n")
        answers(f)


def imap(host, path):
    data = open(path, "rb").read().replace(b"\n", b"\r\n")
    box = imaplib.IMAP4(host)
    box.login("u", "p")
    box.append("INBOX", None, None, data)
    box.select("INBOX", readonly=True)
    box.fetch("1", "(BODY.PEEK[])")
    box.fetch("1", "(BODY.PEEK[HEADER])")
    box.logout()


if sys.argv[1] == "--bdat":
    bdat(*sys.argv[2:])
elif sys.argv[1] == "--imap":
    imap(*sys.argv[2:])
else:
    generate(sys.argv[1])
