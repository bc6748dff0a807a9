#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event files of observe.rules: events.py DIR writes eve.json, eve.json.1 and eve.json.2.gz there, two weeks of a
small town, always the same. What each conversation is for stands beside it."""
import gzip
import json
import os
import sys
from datetime import datetime, timedelta, timezone

JST = timezone(timedelta(hours=9))
LAST = datetime(2026, 11, 22, 17, 0, tzinfo=JST)


def iso(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S.%f%z")


def line(days, kind, src, dst, proto, port, sekimori, app=None, **more):
    t = LAST - timedelta(days=days, minutes=port % 60)
    e = {"timestamp": iso(t), "event_type": kind, "src_ip": src, "src_port": 40000, "dest_ip": dst}
    e["icmp_type" if "ICMP" in proto else "dest_port"] = port
    e["proto"] = proto
    if app:
        e["app_proto"] = app
    e.update(more)
    e["sekimori"] = sekimori
    return t, json.dumps(e, ensure_ascii=False, separators=(",", ":"))


def flow(days, src, dst, proto, port, app=None, eve=None, name=None, names=None, up=600, down=4000, **facts):
    t = LAST - timedelta(days=days, minutes=port % 60)
    s = dict(policy="HASH", permit=facts.pop("permit", "watch"), packets_seen=facts.pop("seen", 10), inspection="complete")
    if app:
        s["application"] = app
    if name:
        s["name"] = name
    if names:
        s["names"] = names
    if s["packets_seen"]:
        s.update(payload_up=up, payload_down=down)
    s.update(facts)
    return line(days, "flow", src, dst, proto, port, s, eve or "failed",
                flow=dict(pkts_toserver=5, pkts_toclient=5, bytes_toserver=up + 260, bytes_toclient=down + 260,
                          start=iso(t - timedelta(seconds=2)), end=iso(t), age=2, state="closed", reason="closed", alerted=True))


def refused(days, src, dst, proto, port, reason="not-permitted", count=1, **more):
    return line(days, "alert", src, dst, proto, port, dict(policy="HASH", reason=reason, count=count, **more),
                alert=dict(action="blocked", signature_id=1701011, severity=3))


def week(first):
    for d in range(first, first + 7):
        # the business server fetches from the certificate server, over TLS
        yield flow(d, "10.10.1.10", "10.20.1.20", "TCP", 443, "TLS", "tls", "shomei.kamisato.example")
        # a second business server does the same; the policy has no name for it
        yield flow(d, "10.10.1.11", "10.20.1.20", "TCP", 443, "TLS", "tls", "shomei.kamisato.example")
        # mail, as permitted
        yield flow(d, "10.30.1.30", "10.20.1.30", "TCP", 25, "SMTP", "smtp", permit="mail-text")
        # browsing, as permitted, and with another name, which the profile only alarms about
        yield flow(d, "10.30.2.5", "10.99.0.10", "TCP", 8080, "HTTP", "http", "www.good.example", permit="web")
        yield flow(d, "10.30.2.6", "10.99.0.10", "TCP", 8080, "HTTP_Connect", "http", "www.other.example", inside="TLS", permit="web")
        # ten terminals ask two resolvers
        for i in range(1, 11):
            for resolver in ("10.99.0.53", "10.99.0.54"):
                yield flow(d, "10.30.2.%d" % i, resolver, "UDP", 53, "DNS", "dns", "www.good.example", up=40, down=60)
        # the finance section's terminals use a bidding system in the cloud
        for i in (1, 2):
            yield flow(d, "10.30.5.%d" % i, "10.99.0.20", "TCP", 443, "TLS", "tls", "nyusatsu.example")
        # two terminals: a web server on two ports
        for port in (80, 8443):
            yield flow(d, "10.30.2.7", "10.99.0.30", "TCP", port, "TLS", "tls", "app.example")
        # nobody knows what this is
        yield flow(d, "10.30.2.8", "10.99.0.31", "TCP", 9100, up=9000, down=10)
        # administration by SSH, and a time that no permit can have: net to kikan was refused
        yield flow(d, "10.40.0.5", "10.20.1.20", "TCP", 22, "SSH", "ssh", seen=6)
        yield refused(d, "10.30.2.9", "10.10.1.10", "TCP", 445, count=3)
        yield refused(d, "10.30.2.9", "10.99.0.10", "TCP", 22, "denied", permit="no-ssh-out")
        # FTP: control and data; the data's end is recorded first
        yield flow(d, "10.30.2.3", "10.99.0.21", "TCP", 50010 + d, "FTP_DATA", "ftp-data", up=0, down=90000)
        yield flow(d, "10.30.2.3", "10.99.0.21", "TCP", 21, "FTP_CONTROL", "ftp")
        # a ping, and an address of no IPv4
        yield flow(d, "10.30.2.5", "10.99.0.10", "ICMP", 8, "ICMP", up=64, down=64)
        yield flow(d, "fd00:30::5", "fd00:20::30", "TCP", 25, "SMTP", "smtp")
        # let pass without an engine having looked
        yield flow(d, "10.30.2.4", "10.99.0.40", "TCP", 5000, seen=0)


def main():
    out = sys.argv[1]
    damaged = ['{"event_type":"flow","src_ip":"10.30.2.1"}', "not json", '{"event_type":"stats","stats":{}}',
               '{"timestamp":"x","event_type":"flow","src_ip":"10.30.2.5","dest_ip":"10.99.0.10","dest_port":99999,"proto":"TCP"}']
    newest = sorted(week(0))
    oldest = sorted(week(7))
    half = len(newest) // 2
    files = {"eve.json.1": [t for _, t in newest[:half]] + damaged, "eve.json": [t for _, t in newest[half:]]}
    for name, lines in files.items():
        with open(os.path.join(out, name), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
    with open(os.path.join(out, "eve.json.2.gz"), "wb") as f:
        f.write(gzip.compress(("\n".join(t for _, t in oldest) + "\n").encode(), mtime=0))
    for name in os.listdir(out):  # files last written before --since are not read
        os.utime(os.path.join(out, name), (LAST.timestamp() + 3600,) * 2)


main()
