#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""unpack.py TEXTS [N [SEED]]: N random mails and archives, made and read by Python's email, zipfile and gzip; each text
that they read must be one that TEXTS (build/tests/oracle/texts) reads too, whole and in pieces of 1 and 1,460 bytes."""
import email, email.policy, gzip, io, random, subprocess, sys, tempfile, zipfile
from email.message import EmailMessage
from pathlib import Path

program, count, seed = sys.argv[1], int((sys.argv + ["100"])[2]), int((sys.argv + ["", "1"])[3])
rng = random.Random(seed)
KANA = "個人番号氏名住所東京都①髙あいうカキク"
CHARSETS = ["utf-8", "iso-2022-jp", "shift_jis", "euc-jp"]


def fnv(data):
    h = 1469598103934665603
    for b in data:
        h = (h ^ b) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def text(charset="utf-8"):
    words = "".join(rng.choice(KANA + "abc <>=.-\n") for _ in range(rng.randrange(1, 400)))
    return words.encode(charset, "ignore").decode(charset) + "."


def archive(depth):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as z:
        for i in range(rng.randrange(1, 4)):
            method = rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
            if depth and rng.random() < 0.4:
                z.writestr(f"{i}.zip", archive(depth - 1), method)
            else:
                z.writestr(rng.choice(KANA) + f"{i}.txt", text().encode(), method)
    return raw.getvalue()


def payload():
    kind = rng.randrange(3)
    if kind == 0:
        return archive(2), "zip"
    if kind == 1:
        return gzip.compress(text().encode()), "gz"
    return text().encode(), "txt"


def mail(depth=2):
    m = EmailMessage(policy=email.policy.SMTP)
    m["Subject"] = text().replace("\n", " ")
    charset = rng.choice(CHARSETS)
    cte = rng.choice(["base64", "quoted-printable"])
    m.set_content(text(charset), charset=charset, cte=cte)
    for i in range(rng.randrange(4)):
        if depth and rng.random() < 0.3:
            m.add_attachment(mail(depth - 1))
            continue
        data, end = payload()
        m.add_attachment(data, "application", "octet-stream", filename=text().replace("\n", " ")[:40] + f"{i}.{end}")
    return m


def read_payload(data):
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            return [t for i in z.infolist() for t in read_payload(z.read(i))]
    return [gzip.decompress(data)] if data[:2] == b"\x1f\x8b" else [data]


def read_mail(m):
    texts = []
    for part in m.walk():
        if not part.is_multipart():
            texts += read_payload(part.get_payload(decode=True))
    return texts


with tempfile.TemporaryDirectory() as folder:
    want, lines = {}, ""
    for i in range(count):
        path = str(Path(folder) / str(i))
        if rng.random() < 0.7:
            data, head = bytes(mail()), 0
            texts = read_mail(email.message_from_bytes(data, policy=email.policy.SMTP))
        else:
            data, head = archive(2), 1
            texts = read_payload(data)
        Path(path).write_bytes(data)
        want[path], lines = [fnv(t) for t in texts], lines + f"{head} {path}\n"
    passed = failed = 0
    for piece in ("0", "1", "1460"):
        got, path = {}, None
        for line in subprocess.run([program, piece], input=lines, text=True, capture_output=True, check=True).stdout.splitlines():
            if line[0] == "=":
                path = line.split()[1]
                got[path] = set()
            elif line[0] != "!":
                got[path].add(line.split()[0])
        for path, texts in want.items():
            missing = [t for t in texts if t not in got[path]]
            passed, failed = passed + (not missing), failed + bool(missing)
            if missing:
                print(f"FAIL document {Path(path).name} in pieces of {piece}: {len(missing)} of {len(texts)} texts missing")
print(f"unpack oracle (seed {seed}): {passed} passed, {failed} failed")
sys.exit(failed != 0)
