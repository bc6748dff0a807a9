# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents that look like lists of numbers and hold none: every kind gives rows of text, seeded."""

import base64
import datetime

from people import AREAS, GIVEN, SURNAMES, check_digit


def ids(rng, n):
    """Order numbers of twelve random digits: one in ten has a check digit that fits."""
    return [["注文番号", "数量"]] + [["%012d" % rng.randrange(10**11, 10**12), str(rng.randrange(1, 50))] for _ in range(n)]


def sequence(rng, n):
    first = rng.randrange(10**11, 9 * 10**11)
    return [["受付番号"]] + [["%012d" % (first + k)] for k in range(n)]


def invoices(rng, n):
    return [["請求書番号", "金額", "税込"]] + [
        ["INV-%08d" % rng.randrange(10**8), "¥%d,%03d,%03d" % (rng.randrange(1, 900), rng.randrange(1000), rng.randrange(1000)),
         "%d000" % rng.randrange(10**8, 10**9)] for _ in range(n)]


def phones(rng, n):
    return [["氏名", "電話", "携帯"]] + [
        [rng.choice(SURNAMES) + rng.choice(GIVEN), "0%d-%04d-%04d" % (rng.randrange(10, 99), rng.randrange(10**4), rng.randrange(10**4)),
         "090%08d" % rng.randrange(10**8)] for _ in range(n)]


def parcels(rng, n):
    """Slips of twelve digits whose last is the rest by seven."""
    rows = [["お問い合わせ伝票番号", "お届け先"]]
    for _ in range(n):
        body = rng.randrange(10**10, 10**11)
        slip = "%011d%d" % (body, body % 7)
        rows.append(["-".join((slip[:4], slip[4:8], slip[8:])) if rng.random() < 0.5 else slip, "上里町" + rng.choice(AREAS)])
    return rows


def times(rng, n):
    at = datetime.datetime(2026, 4, 1, 9)
    rows = [["日時", "端末", "処理"]]
    for _ in range(n):
        at += datetime.timedelta(seconds=rng.randrange(1, 5000))
        rows.append([at.strftime("%Y%m%d%H%M"), at.strftime("%Y%m%d%H%M%S"), "印刷"])
    return rows


def licences(rng, n):
    rows = [["運転免許証の番号", "交付"]]
    for _ in range(n):
        body = rng.choice(["10", "30", "43", "44", "62"]) + "%02d%06d" % (rng.randrange(80, 99), rng.randrange(10**6))
        r = sum(int(d) * w for d, w in zip(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
        rows.append([body + str((11 - r) % 10 if r else 1) + ("0" if rng.random() < 0.8 else "1"), "令和6年"])
    return rows


def corporate(rng, n):
    """法人番号 are public: thirteen digits, the first checks the rest."""
    rows = [["法人番号", "名称"]]
    for _ in range(n):
        body = "%012d" % rng.randrange(10**11, 10**12)
        total = sum(int(d) * (1 if k % 2 == 0 else 2) for k, d in enumerate(reversed(body)))
        rows.append([str(9 - total % 9) + body, "上里興業株式会社"])
    return rows


def noise(rng, n):
    return [[base64.b64encode(rng.randbytes(57)).decode()] for _ in range(n)]


def source(rng, n):
    return [["\tx_%d = 0x%08x + %dUL;\t/* %s */" % (k, rng.randrange(2**32), rng.randrange(10**12), rng.choice(GIVEN))] for k in range(n)]


def changed(rng, n):
    """A resident list whose check digits are all wrong: somebody's own numbering."""
    rows = [["宛名番号", "住所"]]
    for _ in range(n):
        body = "%011d" % rng.randrange(10**11)
        rows.append([body + str((int(check_digit(body)) + rng.randrange(1, 10)) % 10), "上里町" + rng.choice(AREAS)])
    return rows


DECOYS = {f.__name__: f for f in (ids, sequence, invoices, phones, parcels, times, licences, corporate, noise, source, changed)}
