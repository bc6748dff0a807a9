#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bad.sh: bombs, endless and lying messages (bad.py), sent through namespaces to a sink, captured, replayed by $B/sekimori, for
# which B=build/asan is the build to take: survived, in bounded memory, and said. MEGABYTES above a harmless replay [160].
B=$(realpath -m "${B:-build}")
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/content/town.sh
. ./town.sh
lib_begin bad python3 tcpdump ethtool ss
content_town
n=0
spawn server "$TMP/out" python3 bad.py sink
wait_listen 20 server tcp 9100 || { cat "$TMP/out" >&2; exit 2; }
content_record "$TMP/bad.pcap"
while IFS=$'\t' read -r case _ outcome; do
	n=$((n + 1))
	at client timeout 60 python3 bad.py send "$case" "10.2.9.$n" || echo "bad: $case: client ended with $?" >&2
	printf '%s\t%s\t%s\n' "$case" "10.2.9.$n" "$outcome" >>"$TMP/list"
done < <(python3 bad.py list)
content_recorded
./split.py "$TMP/bad.pcap" "$TMP/cells"
./bad_judge.py "$B/sekimori" content.rules "$TMP/cells" "${MEGABYTES:-160}" <"$TMP/list"
status=$?
echo "bad: $SECONDS s"
exit $status
