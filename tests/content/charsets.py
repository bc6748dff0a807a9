# SPDX-License-Identifier: GPL-3.0-or-later
"""The encodings that a town's documents come in. Code points that only CP932's extensions have (髙, 﨑, 外字 in the private
use area) are written as the real programs write them: EUC-JP by glibc's EUC-JP-MS, ISO-2022-JP as CP50220 does."""

import subprocess

GAIJI = "\ue000"		# the first character of the user-defined range: CP932 F0 40
FULL = str.maketrans("0123456789- ", "０１２３４５６７８９－　")


def iconv(charset):
    def encode(text):
        return subprocess.run(["iconv", "-f", "UTF-8", "-t", charset], input=text.encode(), check=True,
                              stdout=subprocess.PIPE).stdout
    return encode


def jis_of(character):
    """The two bytes between ESC $ B and ESC ( B, by the rows that CP932 has; 〓 where JIS has no place (外字)."""
    pair = character.encode("cp932")	# IBM's characters come out in NEC's selection, rows 89 to 92
    if len(pair) != 2 or pair[0] >= 0xF0:
        return b"\x22\x2e"
    row = (pair[0] - (0x81 if pair[0] < 0xA0 else 0xC1)) * 2
    low = pair[1] - (pair[1] > 0x7F)
    return bytes((0x21 + row + (low >= 0x9E), low - (0x7D if low >= 0x9E else 0x1F)))


def iso_2022_jp(text):
    out, double = bytearray(), False
    for c in text:
        if (ord(c) >= 0x80) != double:
            double = not double
            out += b"\x1b$B" if double else b"\x1b(B"
        out += jis_of(c) if double else c.encode("ascii")
    return bytes(out + b"\x1b(B") if double else bytes(out)


class Encoding:
    def __init__(self, name, charset, office, encode, mark=b"", full=False, decode=None):
        self.name = name
        self.charset = charset		# as MIME and HTML name it
        self.office = office		# as LibreOffice's CSV filter numbers it
        self.bytes = encode
        self.mark = mark		# of byte order, before a file of its own
        self.full = full		# digits and separators of full width
        self.codec = decode or charset	# Python's, to read it again

    def encode(self, text, mark=True):
        return (self.mark if mark else b"") + self.bytes(text)


def by(codec):
    return lambda text: text.encode(codec)


ENCODINGS = {e.name: e for e in (
    Encoding("utf-8", "utf-8", 76, by("utf-8")),
    Encoding("utf-8-full", "utf-8", 76, by("utf-8"), full=True),
    Encoding("cp932", "Shift_JIS", 60, iconv("CP932"), decode="cp932"),
    Encoding("cp932-full", "Shift_JIS", 60, iconv("CP932"), full=True, decode="cp932"),
    Encoding("euc-jp", "EUC-JP", 69, iconv("EUC-JP-MS"), decode="euc_jp"),
    Encoding("euc-jp-full", "EUC-JP", 69, iconv("EUC-JP-MS"), full=True, decode="euc_jp"),
    Encoding("iso-2022-jp", "ISO-2022-JP", 72, iso_2022_jp, decode="iso2022_jp"),
    Encoding("iso-2022-jp-full", "ISO-2022-JP", 72, iso_2022_jp, full=True, decode="iso2022_jp"),
    Encoding("utf-16le", "utf-16", 65535, by("utf-16-le"), mark=b"\xff\xfe", decode="utf-16-le"),
    Encoding("utf-16be", "utf-16", 65535, by("utf-16-be"), mark=b"\xfe\xff", decode="utf-16-be"),
)}
