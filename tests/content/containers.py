# SPDX-License-Identifier: GPL-3.0-or-later
"""A table in the files and messages that carry it, each made by the library or program that people's own tools use."""

import binascii
import csv
import email.encoders
import email.generator
import email.header
import email.mime.base
import email.mime.multipart
import email.mime.text
import email.policy
import gzip
import html
import io
import json
import os
import subprocess
import tarfile
import tempfile
import zipfile

WHEN = (2026, 4, 1, 9, 0, 0)


def text_csv(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def text_html(rows, charset):
    body = "".join("<tr>" + "".join("<td>%s</td>" % html.escape(c) for c in r) + "</tr>\n" for r in rows)
    return '<!DOCTYPE html>\n<html><head><meta charset="%s"><title>名簿</title></head><body>\n<table>\n%s</table></body></html>\n' % (
        charset, body)


def text_letter(rows, charset):
    """Short lines, a paragraph each: what a page does not wrap in the middle of a number."""
    return '<!DOCTYPE html>\n<html><head><meta charset="%s"></head><body>\n%s</body></html>\n' % (
        charset, "".join("<p>%s</p>\n" % html.escape("　".join(r if len(r) < 4 else r[1:2] + r[-1:])) for r in rows))


def text_json(rows):
    return json.dumps({"rows": rows}, ensure_ascii=False, indent=1)


def plain_csv(rows, e):
    return e.encode(text_csv(rows))


def plain_html(rows, e):
    return e.encode(text_html(rows, e.charset))


def plain_letter(rows, e):
    return e.encode(text_letter(rows, e.charset))


def plain_json(rows, e):
    return e.encode(text_json(rows))


def gzipped(rows, e):
    return gzip.compress(plain_csv(rows, e), mtime=0)


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, content in members:
            z.writestr(zipfile.ZipInfo(name, WHEN), content, compress_type=method)
    return out.getvalue()


def zipped(rows, e):
    return zip_of([("readme.txt", b"for the committee\r\n"), ("名簿.csv", plain_csv(rows, e))])


def zip_stored(rows, e):
    return zip_of([("list.csv", plain_csv(rows, e))], zipfile.ZIP_STORED)


def zip_streamed(rows, e):
    """Info-ZIP writing to a pipe: sizes come after the data (descriptors)."""
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "list.csv"), "wb") as f:
            f.write(plain_csv(rows, e))
        return subprocess.run("zip -q -X - list.csv | cat", shell=True, cwd=d, check=True, stdout=subprocess.PIPE).stdout


def zip_in_zip(rows, e):
    return zip_of([("inner.zip", zipped(rows, e))])


def tar_gz(rows, e):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as g, tarfile.open(fileobj=g, mode="w") as t:
        content = plain_csv(rows, e)
        info = tarfile.TarInfo("list.csv")
        info.size = len(content)
        t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def program(command, name):
    """An archive that a program makes of the file list.csv."""
    def make(rows, e):
        with tempfile.TemporaryDirectory() as d:
            with open(os.path.join(d, "list.csv"), "wb") as f:
                f.write(plain_csv(rows, e))
            subprocess.run(command, cwd=d, check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(d, name), "rb") as f:
                return f.read()
    return make


def mail_head(m, subject):
    m["From"] = "sender@kamisato.example"
    m["To"] = "box@kamisato.example"
    m["Subject"] = email.header.Header(subject, "utf-8").encode()
    m["Date"] = "Wed, 01 Apr 2026 09:00:00 +0900"
    m["Message-ID"] = "<1@kamisato.example>"


def flat(m):
    out = io.BytesIO()
    email.generator.BytesGenerator(out, mangle_from_=False, policy=email.policy.compat32.clone(linesep="\r\n")).flatten(m)
    return out.getvalue()


def mail_with(content, filename, kind="octet-stream"):
    """A message with an attachment in base64; its name as RFC 2231 writes it."""
    m = email.mime.multipart.MIMEMultipart()
    mail_head(m, "資料の送付")
    m.attach(email.mime.text.MIMEText("送ります。\n", "plain", "iso-2022-jp"))
    part = email.mime.base.MIMEBase("application", kind)
    part.set_payload(content)
    email.encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "ja", filename))
    m.attach(part)
    return flat(m)


def mail_base64(rows, e):
    return mail_with(plain_csv(rows, e), "名簿.csv")


def mail_quoted(rows, e):
    """The table is the message's own text, in quoted-printable."""
    m = email.mime.base.MIMEBase("text", "plain", charset=e.charset)
    mail_head(m, "名簿")
    m["Content-Transfer-Encoding"] = "quoted-printable"
    text = not e.name.startswith("utf-16")	# there a line's end is no line's end of the mail
    m.set_payload(binascii.b2a_qp(e.encode(text_csv(rows)), istext=text).decode("ascii").replace("\r\n", "\n"))
    return flat(m)


def mail_zip(rows, e):
    return mail_with(zipped(rows, e), "名簿.zip", "zip")


PASSWORD = "kamisato"
# name: (suffix, maker, what must become of it). LibreOffice's own kinds are in office.py.
CONTAINERS = {
    "csv": ("csv", plain_csv, "found"),
    "html": ("html", plain_html, "found"),
    "json": ("json", plain_json, "found"),
    "gzip": ("csv.gz", gzipped, "found"),
    "zip": ("zip", zipped, "found"),
    "zip-stored": ("zip", zip_stored, "found"),
    "zip-streamed": ("zip", zip_streamed, "found"),
    "zip-in-zip": ("zip", zip_in_zip, "found"),
    "tar.gz": ("tar.gz", tar_gz, "found"),
    "mail-base64": ("eml", mail_base64, "found"),
    "mail-quoted": ("eml", mail_quoted, "found"),
    "mail-zip": ("eml", mail_zip, "found"),
    "7z": ("7z", program(["7z", "a", "-bd", "list.7z", "list.csv"], "list.7z"), "told"),
    "zip-password": ("zip", program(["zip", "-q", "-P", PASSWORD, "list.zip", "list.csv"], "list.zip"), "unread"),
    "7z-password": ("7z", program(["7z", "a", "-bd", "-p" + PASSWORD, "-mhe=on", "list.7z", "list.csv"], "list.7z"), "unread"),
}
