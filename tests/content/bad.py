#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bad.py sink | bad.py send CASE ADDRESS | bad.py list

What breaks readers: each case is a small client that sends one broken or monstrous conversation, the sink is a server that takes
anything, answering as far as a client waits. `list` prints: case, port, outcomes that are right (found: the numbers are;
told: an uninspectable or protocol event says that something could not be read; any: only that it is survived)."""

import asyncio
import base64
import gzip
import io
import random
import socket
import sys
import zipfile
import zlib

from containers import mail_with, text_csv, zip_of
from people import table

MB = 1 << 20


def people():
    return text_csv(table(random.Random("bad"), "list", 12)[0]).encode()


def post(body, head=b""):
    return b"POST /x HTTP/1.1\r\nHost: www.town.example\r\n" + (head or b"Content-Length: %d\r\n" % len(body)) + b"\r\n" + body


def mail(data):
    return [b"EHLO a.example\r\n", b"MAIL FROM:<a@a.example>\r\n", b"RCPT TO:<b@b.example>\r\n", b"DATA\r\n", data + b"\r\n.\r\n", b"QUIT\r\n"]


def zeros(size, pack):
    out = bytearray()
    for _ in range(size // MB):
        out += pack.compress(bytes(MB))
    return bytes(out) + pack.flush()


def zip_bomb():
    """256 MB of zeros in one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z, z.open("zeros.csv", "w") as f:
        for _ in range(256):
            f.write(bytes(MB))
    return out.getvalue()


def gzip_bomb():
    body = zeros(256 * MB, zlib.compressobj(9, zlib.DEFLATED, 31))
    return post(body, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(body))


def zip_nested():
    """As 42.zip: six storeys of sixteen."""
    inner = zip_of([("0.txt", bytes(8 * MB))])
    for storey in range(6):
        inner = zip_of([("%d-%d.zip" % (storey, n), inner) for n in range(16)])
    return inner


def zip_lying():
    """The local header says four gigabytes, and that they are stored."""
    z = bytearray(zip_of([("list.csv", people())], zipfile.ZIP_STORED))
    z[18:26] = b"\xfe\xff\xff\xff" * 2
    return bytes(z)


def zip_members():
    return zip_of([("%05d.csv" % n, b"1,2,3\r\n") for n in range(20000)])


def mime_deep(depth=1000):
    head = b"From: a@a.example\r\nTo: b@b.example\r\nSubject: deep\r\nMIME-Version: 1.0\r\n"
    for n in range(depth):
        head += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
    return head + b"Content-Type: text/plain\r\n\r\n" + people() + b"".join(b"\r\n--b%d--" % n for n in reversed(range(depth)))


def mime_parts():
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 20000 + b"--b--\r\n"


def chunked(size, body=b""):
    return post(b"%s\r\n" % size + body, b"Transfer-Encoding: chunked\r\n")


def overlong(text):
    return b"".join(bytes((0xC0 | c >> 6, 0x80 | c & 0x3F)) for c in text)


def long_line():
    content = base64.b64encode(b"x," * (2 * MB) + b"\r\n" + people())
    return b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + content


def half_escapes():
    from charsets import ENCODINGS
    text = ENCODINGS["iso-2022-jp-full"].encode(people().decode())
    return b"".join(text[:n] + b"\r\n" for n in range(3, 200)) + text[:-1]


CASES = {
    "plain": (80, "found", lambda: [post(people())]),
    "zip-bomb": (80, "told", lambda: [post(zip_bomb())]),
    "zip-nested": (80, "told", lambda: [post(zip_nested())]),
    "zip-lying-length": (80, "told found", lambda: [post(zip_lying())]),
    "zip-20000-members": (80, "told", lambda: [post(zip_members())]),
    "zip-cut-short": (80, "told found", lambda: [post(zip_of([("a.csv", people() * 50)])[:-900])]),
    "gzip-bomb": (80, "told", lambda: [gzip_bomb()]),
    "gzip-garbage": (80, "told", lambda: [post(gzip.compress(people())[:60] + bytes(range(256)) * 20)]),
    "http-endless-headers": (80, "told", lambda: [b"GET / HTTP/1.1\r\nHost: a\r\n"] + [b"X-%06d: y\r\n" % n * 50 for n in range(2000)]),
    "http-endless-line": (80, "told", lambda: [b"GET /" + b"a" * (2 * MB)]),
    "http-length-4GB": (80, "found", lambda: [post(people(), b"Content-Length: 4294967297\r\n")]),
    "http-length-overflow": (80, "told", lambda: [post(people(), b"Content-Length: 99999999999999999999999\r\n")]),
    "http-two-lengths": (80, "told found", lambda: [post(people(), b"Content-Length: 5\r\nContent-Length: 50000\r\n")]),
    "http-chunk-overflow": (80, "told", lambda: [chunked(b"FFFFFFFFFFFFFFFF1", people())]),
    "http-chunk-4GB": (80, "found", lambda: [chunked(b"FFFFFFFF", people())]),
    "http-chunk-extension": (80, "told", lambda: [chunked(b"5;" + b"x" * MB)]),
    "http-nul-in-head": (80, "told", lambda: [post(people(), b"X: a\0b\r\nContent-Length: 9\r\n")]),
    "http-nul-in-body": (80, "found", lambda: [post(b"\0" * 50 + people() + b"\0")]),
    "http-multipart-no-end": (80, "found told", lambda: [post(b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + people(), b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n")]),
    "overlong-utf8": (80, "any", lambda: [post(overlong(people()[:4000].decode("utf-8", "ignore").encode("ascii", "ignore")))]),
    "half-escapes": (80, "any", lambda: [post(half_escapes())]),
    "smtp-endless-header": (25, "any", lambda: mail(b"X-Long: " + b"y" * (4 * MB) + b"\r\n\r\n" + people())),
    "smtp-endless-headers": (25, "any", lambda: mail(b"".join(b"X-%d: y\r\n" % n for n in range(200000)) + b"\r\n" + people())),
    "smtp-mime-deep": (25, "told found", lambda: mail(mime_deep())),
    "smtp-20000-parts": (25, "told", lambda: mail(mime_parts())),
    "smtp-endless-base64-line": (25, "found", lambda: mail(long_line())),
    "smtp-garbage-after-data": (25, "found", lambda: mail(mail_with(people(), "a.csv"))[:-1] + [bytes(random.Random(1).randbytes(100000)) + b"\r\n"]),
    "smtp-pipelined": (25, "found told", lambda: [b"".join(mail(mail_with(people(), "a.csv")))]),
    "smtp-nul": (25, "found told", lambda: mail(b"Subject: \0\0\r\n\r\n\0" + people())),
    "smtp-bdat-lying": (25, "any", lambda: mail(b"")[:3] + [b"BDAT 99999999999999999999 LAST\r\n" + people()]),
    "smtp-endless-command": (25, "told", lambda: [b"EHLO " + b"a" * (2 * MB)]),
    "ftp-endless-line": (21, "any", lambda: [b"USER " + b"a" * (2 * MB) + b"\r\n"]),
    "smb-lying-length": (445, "any", lambda: [b"\0\xff\xff\xff\xfeSMB" + bytes(60) + people()]),
    "raw-noise": (9100, "any", lambda: [random.Random(2).randbytes(2 * MB)]),
    "raw-digits": (9100, "any", lambda: [b"".join(b"%d " % random.Random(n).randrange(10**30) for n in range(20000))]),
}


async def serve(reader, writer):
    port = writer.get_extra_info("sockname")[1]
    if port in (25, 21):
        writer.write(b"220 sink\r\n")
    try:
        while chunk := await reader.read(65536):
            if port == 25:
                writer.write(b"354 go on\r\n" if chunk.endswith(b"DATA\r\n") else b"250 yes\r\n")
            elif port == 21:
                writer.write(b"331 and?\r\n")
        if port == 80:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
    except OSError:
        pass


async def sink():
    for port in sorted({p for p, _, _ in CASES.values()}):
        await asyncio.start_server(serve, "0.0.0.0", port)
    await asyncio.Event().wait()


def send(case, address):
    port, _, make = CASES[case]
    with socket.create_connection((address, port), timeout=10) as s:
        if port in (25, 21):
            s.recv(1000)
        for message in make():
            s.sendall(message)
            if port == 25 and len(message) < 60:	# a command: wait for its answer
                s.recv(1000)
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536):
            pass


def main():
    if sys.argv[1] == "sink":
        asyncio.run(sink())
    elif sys.argv[1] == "send":
        send(sys.argv[2], sys.argv[3])
    else:
        for name, (port, outcome, _) in CASES.items():
            print(name, port, outcome, sep="\t")


main()
