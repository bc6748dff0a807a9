#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""unpack_seeds.py DIR: small documents of every kind for fuzz_unpack and test_unpack, written by Python's own libraries.

The first byte says which head (tests/unit/texts.h) the document comes with. Each has the word MARK in a text of it, but
for those that cannot be read.
"""
import base64, binascii, gzip, io, random, struct, sys, tarfile, urllib.parse, zipfile, zlib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

MAIL, DATA, MULTIPART, FORM, GZIP, DEFLATE, BROTLI, ZSTD, BASE64, QUOTED, HTML, JSON, SHEET, XML = range(14)
MARK = "MARK 個人 <&> end"
WHEN = (2026, 1, 1, 0, 0, 0)


def put(name, head, data):
    (out / name).write_bytes(bytes([head]) + data)


def zipped(files, method=zipfile.ZIP_DEFLATED, stream=False):
    raw = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self):
            return True

        def write(self, b):
            return raw.write(b)

    with zipfile.ZipFile(Pipe() if stream else raw, "w", method) as z:
        for name, data in files:
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            z.writestr(info, data)
    return raw.getvalue()


def xlsx():
    sheet = ('<?xml version="1.0"?><worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>4.2E9</v></c>'
             '</row><row r="2"><c r="AB2" t="inlineStr"><is><t>MARK</t></is></c><c r="AC2"/></row></sheetData></worksheet>')
    strings = '<?xml version="1.0"?><sst><si><t>MARK &#x500b;&#20154;</t></si><si><r><t>MA</t></r><r><t>RK</t></r></si></sst>'
    return zipped([("[Content_Types].xml", "<Types/>"), ("xl/worksheets/sheet1.xml", sheet), ("xl/sharedStrings.xml", strings)])


def docx():
    body = "<w:document><w:body><w:p><w:r><w:t>MA</w:t></w:r><w:r><w:t>RK</w:t></w:r></w:p></w:body></w:document>"
    return zipped([("[Content_Types].xml", "<Types/>"), ("word/document.xml", body)])


def mail():
    m = EmailMessage(policy=SMTP)
    m["Subject"] = MARK + " 件名" * 20
    m["From"] = "a@a.example"
    m.set_content(MARK, cte="base64")
    m.add_alternative("<p>MA<b>RK</b></p>", subtype="html")
    m.add_attachment(zipped([("a.txt", MARK), ("名.txt", "MARK 2")]), maintype="application", subtype="zip",
                     filename="個人番号の一覧表と その 写し 令和八年度.zip")
    inner = EmailMessage(policy=SMTP)
    inner["Subject"] = "=?ISO-2022-JP?B?GyRCOEQ/TRsoQg==?= MARK"
    inner.set_content("MARK inner =3D" + "x" * 100, cte="quoted-printable")
    m.add_attachment(inner)
    m.set_boundary("outer")
    data = bytes(m).decode("ascii", "replace")
    return data.encode()


def pdf():
    shown = zlib.compress(b"BT /F1 12 Tf (MA) Tj ET BT [(MAR) -20 (K)] TJ ET BT <0102> Tj <03> Tj <04> Tj ET")
    cmap = zlib.compress(b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 4 beginbfchar <01> <004D> <02> <0041> "
                         b"<03> <0052> <04> <004B> endbfchar endcmap")
    out = b"%PDF-1.4\n"
    for i, s in enumerate((shown, cmap)):
        out += b"%d 0 obj << /Length %d /Filter /FlateDecode >> stream\n" % (i + 1, len(s)) + s + b"\nendstream endobj\n"
    return out + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def biff():
    def record(kind, data):
        return struct.pack("<HH", kind, len(data)) + data
    book = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    book += record(0x203, struct.pack("<HHHd", 1, 2, 0, 4200000017.0))
    book += record(0x27E, struct.pack("<HHHI", 2, 2, 0, (42000117 << 2) | 2))
    book += record(0x204, struct.pack("<HHHHB", 3, 0, 0, 4, 0) + b"MARK") + record(0x0A, b"")
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + book.ljust(4096, b"\0")


def tar():
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for name in ("a/b.txt", "c.html"):
            data = b"<html>MA<i>RK</i></html>" if name.endswith("l") else MARK.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return raw.getvalue()[:4096]


def encrypted_zip():
    data = bytearray(zipped([("secret.txt", "MARK")]))
    data[6] |= 1
    return bytes(data)


def uuencoded():
    data = MARK.encode()
    return b"text\r\nbegin 644 a.txt\r\n" + binascii.b2a_uu(data).replace(b"\n", b"\r\n") + b"`\r\nend\r\nmore\r\n"


random.seed(1)  # of boundaries
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
utf8 = MARK.encode()
raw_deflate = zlib.compressobj(wbits=-15)
multipart = (b"before\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.html\"\r\n\r\n<b>MA</b>RK\r\n"
             b"--x\r\n\r\nMARK two\r\n--x--\r\nafter MARK\r\n")
nested = zipped([("a.zip", zipped([("b.zip", zipped([("c.txt", utf8)]))]))], zipfile.ZIP_STORED)
put("mail", MAIL, mail())
put("mail_cut", MAIL, mail()[:1500])
put("mail_pgp", MAIL, b"Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n")
put("text", DATA, utf8)
put("multipart", MULTIPART, multipart)
put("form", FORM, b"a=" + urllib.parse.quote_plus(MARK).encode() + b"&b=%zz+%4")
put("gzip", GZIP, gzip.compress(b"MA", mtime=0) + gzip.compress(b"RK", mtime=0) + b"rest")
put("bomb", GZIP, gzip.compress(bytes(4 << 20), mtime=0))
put("zlib", DEFLATE, zlib.compress(utf8))
put("deflate", DEFLATE, raw_deflate.compress(utf8 * 3) + raw_deflate.flush())
put("brotli", BROTLI, bytes.fromhex("131d0000046a72a4472ff46b8b5b12706939082bbb24857d754eb1fbb182fbc54501"))
put("zstd", ZSTD, bytes.fromhex("28b52ffd201ef100004d41524b20e5808be4baba203c263e20656e64204d41524b20616761696e"))
put("base64", BASE64, base64.encodebytes(zipped([("a.txt", utf8)])))
put("quoted", QUOTED, b"M=41R=\r\nK =E5=80=8B =zz =")
put("html", HTML, b"<!-- > -->MA<b>R</b>&#75; <img src='data:text/plain;base64," + base64.b64encode(utf8) + b"'>")
put("json", JSON, b'{"a": "\\u004dARK \\u500b\\ud83d\\ude00 \\/", "b": "data:;base64,' + base64.b64encode(utf8) + b'"}')
put("rtf", DATA, b"{\\rtf1\\ansi MA\\b RK\\b0 \\'8c\\'c2\\u20154?\\par}")
put("zip", DATA, zipped([("a.txt", utf8), ("d/", b""), ("b.html", b"MA<i>RK")]))
put("zip_stored", DATA, zipped([("a.txt", utf8), ("b.txt", b"MARK 2")], zipfile.ZIP_STORED))
put("zip_stream", DATA, zipped([("a.txt", utf8), ("b.txt", b"MARK 2")], stream=True))
put("zip_stream_stored", DATA, zipped([("a.txt", utf8), ("b.txt", b"MARK 2")], zipfile.ZIP_STORED, stream=True))
put("zip_nested", DATA, nested)
put("zip_encrypted", DATA, encrypted_zip())
put("xlsx", DATA, xlsx())
put("docx", DATA, docx())
put("tar", DATA, tar())
put("pdf", DATA, pdf())
put("xls", DATA, biff())
put("uuencode", DATA, uuencoded())
put("sevenzip", DATA, b"7z\xbc\xaf\x27\x1c\0\4" + bytes(40))
put("lzh", DATA, b"\x20\x11-lh5-" + bytes(40))
put("sheet", SHEET, b'<x:row r="1"><x:c r="A1"><x:v>1.5E10</x:v></x:c><x:c t="str"><x:v>MARK</x:v></x:c></x:row>')
put("xml", XML, b"<?xml version='1.0'?><a><b>MARK</b><c>2</c></a>")
