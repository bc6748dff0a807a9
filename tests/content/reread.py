#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""reread.py DIR: every file of DIR/INDEX.tsv read again by other means than it was made with (zipfile, email, tarfile, 7z,
pdftotext): the numbers are in it, as many as the index says. Numbers are counted, never printed."""

import email
import gzip
import html
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import unicodedata
import zipfile

from charsets import ENCODINGS
from containers import PASSWORD
from people import check_digit

NUMBER = re.compile(r"(?<!\d)(\d{4})([- ]?)(\d{4})\2(\d{4})(?!\d)")
CODE = re.compile(r"(?<!\d)(\d{4})()(\d{4})(\d{3})(?!\d)")


def count(text, kind):
    found = set()
    for m in (CODE if kind == "codes" else NUMBER).finditer(unicodedata.normalize("NFKC", text).replace("\u2212", "-")):
        n = m.group(1) + m.group(3) + m.group(4)
        if check_digit(n[:-1]) == n[-1]:
            found.add(n)
    return len(found)


def text_of(content, e):
    return content.decode(e.codec, "replace").lstrip("\ufeff")


def json_text(content, e):
    return "\n".join(cell for row in json.loads(text_of(content, e))["rows"] for cell in row)


def program(command, content):
    return subprocess.run(command, input=content, check=True, stdout=subprocess.PIPE).stdout


def zip_text(content, e):
    out = []
    with zipfile.ZipFile(io.BytesIO(content)) as z:
        for name in z.namelist():
            inner = z.read(name, pwd=PASSWORD.encode())
            out.append(zip_text(inner, e) if name.endswith(".zip") else text_of(inner, e))
    return "\n".join(out)


def mail_text(content, e):
    out = []
    for part in email.message_from_bytes(content).walk():
        if not part.is_multipart():
            inner = part.get_payload(decode=True)
            out.append(zip_text(inner, e) if inner[:2] == b"PK" else text_of(inner, e))
    return "\n".join(out)


def xml_text(content, _):
    """Office files: the text of their XML; a number cell that lost its zeros gets them back."""
    with zipfile.ZipFile(io.BytesIO(content)) as z:
        xml = "\n".join(z.read(n).decode("utf-8") for n in z.namelist() if n.endswith(".xml"))
    xml = re.sub(r"<v>(\d{9,11})</v>", lambda m: m.group(1).zfill(12) + " ", xml)
    return re.sub(r"<[^>]*>", " ", xml)


def tar_text(content, e):
    with tarfile.open(fileobj=io.BytesIO(content)) as t:
        return "\n".join(text_of(t.extractfile(m).read(), e) for m in t)


def seven_text(content, e):
    with open("/dev/shm/reread.%d" % os.getpid(), "wb") as f:
        f.write(content)
    try:
        return text_of(program(["7z", "x", "-so", "-p" + PASSWORD, f.name], b""), e)
    finally:
        os.unlink(f.name)


def pdf_text(content, _):
    return program(["pdftotext", "-layout", "-", "-"], content).decode()


def xls_text(content, _):	# BIFF8 writes its strings as UTF-16 or as bytes
    return content.decode("utf-16-le", "replace") + " " + content[1:].decode("utf-16-le", "replace") + " " + content.decode("latin-1")


READERS = {
    "csv": text_of, "json": json_text, "html": lambda c, e: html.unescape(text_of(c, e)),
    "gzip": lambda c, e: text_of(gzip.decompress(c), e), "tar.gz": tar_text, "pdf": pdf_text, "xls": xls_text,
    "zip": zip_text, "zip-stored": zip_text, "zip-streamed": zip_text, "zip-in-zip": zip_text, "zip-password": zip_text,
    "mail-base64": mail_text, "mail-quoted": mail_text, "mail-zip": mail_text, "7z": seven_text, "7z-password": seven_text,
    "xlsx": xml_text, "xlsx-numeric": xml_text, "ods": xml_text, "docx": xml_text,
}


def main():
    passed = failed = 0
    for line in open(os.path.join(sys.argv[1], "INDEX.tsv"), encoding="utf-8"):
        name, kind, encoding, container, numbers, _, _ = line.rstrip("\n").split("\t")
        if numbers == "0":
            continue
        with open(os.path.join(sys.argv[1], name), "rb") as f:
            got = count(READERS[container](f.read(), ENCODINGS[encoding]), kind)
        if got == int(numbers):
            passed += 1
        else:
            failed += 1
            print("FAIL %s: %d of %s numbers are read again" % (name, got, numbers))
    print("reread: %d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
