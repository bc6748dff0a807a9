#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""projection: what live and replay have to agree in (contract C4), from event lines.

    projection.py EVE [FROM TO]

prints, sorted, one line for each alert and flow: tuple, permit, verdict, detector, reason, bytes. FROM and TO (seconds
since 1970) choose the events of a stretch of time: flows by their start, alerts by their own time. Aggregated
alerts count once: how many packets one of them speaks of depends on when the ten seconds began.
"""
import datetime
import json
import sys


def seconds(text):
    """RFC 3339 as EVE writes it."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def endpoint(event):
    return "%s %s:%s > %s:%s" % (
        event.get("proto"), event.get("src_ip"), event.get("src_port", event.get("icmp_type", "-")),
        event.get("dest_ip"), event.get("dest_port", "-"))


def project(event):
    own = event.get("sekimori", {})
    kind = event["event_type"]
    words = [kind, endpoint(event), own.get("permit", "-"), own.get("detector", "-"), own.get("reason", "-")]
    if kind == "alert":
        words.append(event["alert"]["action"])
    else:
        flow = event["flow"]
        words += ["up=%d" % flow["bytes_toserver"], "down=%d" % flow["bytes_toclient"]]
    return " | ".join(words)


def chosen(event, first, last):
    if event.get("event_type") not in ("alert", "flow") or "src_ip" not in event:
        return False
    at = event["flow"]["start"] if event["event_type"] == "flow" else event["timestamp"]
    return first <= seconds(at) < last


def main():
    first, last = (float(a) for a in sys.argv[2:4]) if len(sys.argv) == 4 else (0, float("inf"))
    with open(sys.argv[1], encoding="utf-8") as lines:
        events = (json.loads(line) for line in lines if line.strip())
        for line in sorted({project(e) for e in events if chosen(e, first, last)}):
            print(line)


if __name__ == "__main__":
    main()
