# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows about residents who do not exist. Every number is drawn at random and given its check digit; nothing here prints one."""

import datetime

from charsets import FULL, GAIJI

SURNAMES = ["髙橋", "山﨑", "德田", "渡邊", "齋藤", GAIJI + "村", "佐藤", "鈴木", "井上", "小" + GAIJI, "濵田", "舘野"]
READINGS = ["タカハシ", "ヤマサキ", "トクダ", "ワタナベ", "サイトウ", "ヨシムラ", "サトウ", "スズキ", "イノウエ", "コダマ", "ハマダ", "タテノ"]
GIVEN = ["一郎", "花子", "美咲", "健", "さくら", "德之", "真由美", "翔太", "千代", "昭"]
AREAS = ["大字上里", "大字中野", "字東原", "本町一丁目", "緑ケ丘二丁目", "大字下川原"]
RELATIONS = ["世帯主", "妻", "子", "夫", "母"]
ERAS = [("昭和", 1925, 1989), ("平成", 1989, 2019), ("令和", 2019, 2026)]


def check_digit(body):
    """平成26年総務省令85号 5条; `body` is the eleven digits before it (ten for a 住民票コード)."""
    weights = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6]
    r = sum(int(d) * w for d, w in zip(reversed(body), weights)) % 11
    return "0" if r <= 1 else str(11 - r)


def number(rng, digits=12, zero=False):
    body = ("0" if zero else str(rng.randrange(1, 10))) + "".join(str(rng.randrange(10)) for _ in range(digits - 2))
    return body + check_digit(body)


def numbers(rng, count, digits=12):
    """Distinct; every sixth begins with 0."""
    found = []
    while len(found) < count:
        n = number(rng, digits, zero=len(found) % 6 == 1)
        if n not in found and len(set(n)) > 3:
            found.append(n)
    return found


def written(n, k):
    """The forms that people write: mostly plain, some in groups of four."""
    separator = {4: " ", 9: "-"}.get(k % 12)
    return separator.join((n[:4], n[4:8], n[8:])) if separator and len(n) == 12 else n


def era(date):
    for name, first, last in ERAS:
        if first <= date.year < last:
            year = date.year - first + 1
            return "%s%s年%d月%d日" % (name, "元" if year == 1 else year, date.month, date.day)
    raise ValueError(date)


def resident(rng, n):
    """One row: 宛名番号, name, reading, birth date twice, address, telephone, relation, number."""
    who = rng.randrange(len(SURNAMES))
    born = datetime.date(1930, 1, 1) + datetime.timedelta(rng.randrange(34000))
    return [str(rng.randrange(10**6, 10**7)), SURNAMES[who] + "　" + rng.choice(GIVEN), READINGS[who], era(born),
            born.strftime("%Y/%m/%d"), "上里町" + rng.choice(AREAS) + "%d番地%d" % (rng.randrange(1, 2000), rng.randrange(1, 30)),
            "0274-%02d-%04d" % (rng.randrange(20, 99), rng.randrange(10000)), rng.choice(RELATIONS), n]


HEADER = ["宛名番号", "氏名", "フリガナ", "生年月日", "西暦", "住所", "電話番号", "続柄"]


def table(rng, kind, count):
    """Rows and how many numbers stand in them. `list`: numbers without a word that names them; `roster`: under their header;
    `codes`: 住民票コード under their header; `label`: one number in a letter; `buried`: a list between 2,000 rows without numbers
    on either side; `twin`: the same without any."""
    if kind == "label":
        name = rng.choice(SURNAMES) + rng.choice(GIVEN)
        return [["回答書"], [name + "様の個人番号は次のとおりです。"], ["個人番号: " + number(rng, zero=rng.random() < 0.2)]], 1
    if kind in ("buried", "twin"):
        rows, n = table(rng, "list", count)
        around = [[resident(rng, "") for _ in range(2000)] for _ in range(2)]
        return around[0] + [r[:-1] + [""] if kind == "twin" else r for r in rows] + around[1], n if kind == "buried" else 0
    digits = 11 if kind == "codes" else 12
    rows = []
    for k, n in enumerate(numbers(rng, count, digits)):	# four in five have none: the list fills some segments
        rows += [resident(rng, written(n, k))] + [resident(rng, "") for _ in range(4)]
    head = {"list": [], "roster": [HEADER + ["個人番号"]], "codes": [HEADER + ["住民票コード"]]}[kind]
    return head + rows, count


def widened(rows):
    return [[cell.translate(FULL) for cell in row] for row in rows]
