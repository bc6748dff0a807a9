#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""texts.py DIR SEED: what `measure_content` fetches: a text of 64 MB, and five of 4 MB that each hold a list of numbers
at a random place, one of them in its last bytes. The numbers are drawn from the seed, belong to nobody, and are not shown."""
import random
import sys

where, draw = sys.argv[1], random.Random(int(sys.argv[2]))
PAGE = ("お世話になっております。来週の会議の資料をお送りします。ご確認のほど、よろしくお願いいたします。\n"
        "The minutes of the last meeting are attached; please send corrections by Friday, 17:15.\n"
        "項目,数量,単価\n机,12,34500\n椅子,48,9800\n合計,60,884400\n").encode()


def number():
    digits = [draw.randrange(10) for _ in range(11)]
    rest = sum(d * w for d, w in zip(digits, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
    return "".join(map(str, digits)) + str(0 if rest < 2 else 11 - rest)


def pages(size):
    return PAGE * (size // len(PAGE))


open(where + "/text", "wb").write(pages(64 << 20))
for i in range(5):
    text = pages(4 << 20)
    place = len(text) if i == 0 else draw.randrange(len(text) // len(PAGE)) * len(PAGE)
    rows = "".join("上里%d,%s\n" % (k, number()) for k in range(10)).encode()
    open("%s/list%d" % (where, i), "wb").write(text[:place] + rows + text[place:])
