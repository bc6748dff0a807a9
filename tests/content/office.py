# SPDX-License-Identifier: GPL-3.0-or-later
"""Office files, made by LibreOffice from the table in its encoding: what is inside is then LibreOffice's (UTF-8 XML, or a
PDF's fonts), so the encoding of such a cell is that of the source which was imported."""

import os
import subprocess
import tempfile

from containers import plain_csv, plain_html, plain_letter

TEXT_COLUMNS = "/".join("%d/2" % n for n in range(1, 20))	# 2: text, so that a leading zero stays
# name: (suffix, source, import filter, what must become of it)
OFFICE = {
    "xlsx": ("xlsx", plain_csv, "CSV:44,34,%d,1," + TEXT_COLUMNS, "found"),
    "xlsx-numeric": ("xlsx", plain_csv, "CSV:44,34,%d,1,", "found"),	# cells of numbers: leading zeros are lost
    "ods": ("ods", plain_csv, "CSV:44,34,%d,1," + TEXT_COLUMNS, "found"),
    "docx": ("docx", plain_html, "HTML (StarWriter)", "found"),
    "pdf": ("pdf", plain_letter, "HTML (StarWriter)", "told"),
    "xls": ("xls", plain_csv, "CSV:44,34,%d,1," + TEXT_COLUMNS, "told"),
}


def convert(directory, source, suffix, infilter):
    subprocess.run(["soffice", "--headless", "-env:UserInstallation=file://" + os.path.join(directory, "profile"),
                    "--infilter=" + infilter, "--convert-to", suffix, "--outdir", os.path.join(directory, "out"), source],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


class Office:
    """One profile of LibreOffice for all conversions of a run."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory()

    def make(self, name, rows, e):
        suffix, source, infilter, _ = OFFICE[name]
        stem = os.path.join(self.home.name, "table")
        path = stem + (".csv" if source is plain_csv else ".html")
        with open(path, "wb") as f:
            f.write(source(rows, e))
        convert(self.home.name, path, suffix, infilter % e.office if "%d" in infilter else infilter)
        with open(os.path.join(self.home.name, "out", "table." + suffix), "rb") as f:
            return f.read()
