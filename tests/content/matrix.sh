#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# matrix.sh [some|all]: every encoding x container x protocol, sent by real programs to real servers, captured, replayed, and a
# table of what was found. `some` needs only the programs of `deps.sh check` and is part of `make check`; `all` needs those of
# `deps.sh content`. A missed, refused or skipped cell is a failed one. SEED=N draws other numbers; KEEP=1 keeps
# documents and captures; DOCUMENTS=DIR takes what documents.sh made there. Nothing outside the namespaces is touched.
B=$(realpath -m "${B:-build}")
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/content/town.sh
. ./town.sh
SIZE=${1:-some}
# shellcheck disable=SC2086 # lists of programs
if [ "$SIZE" = all ]; then lib_begin matrix $CONTENT_PROGRAMS $CONTENT_MORE soffice 7z zip; else lib_begin matrix $CONTENT_PROGRAMS; fi
DOCUMENTS=${DOCUMENTS:-$TMP/documents}
case $SIZE in
some) RECUT=${RECUT:-zip} PROTOCOLS=${PROTOCOLS:-http-put,smtp,ftp,raw} ;;
all) RECUT=csv,zip,mail-base64 PROTOCOLS=${PROTOCOLS:-http-put,http-chunked,http-form,http-get,smtp,imap,pop3,ftp,ftp-active,smb2,smb3,raw,tftp} ;;
esac
SMTP_LANE="smtp" WEB_LANE="http-put http-chunked http-form http-get ftp ftp-active tftp raw" FILE_LANE="smb2 smb3 imap pop3"

lane() {
	# shellcheck disable=SC2086 # a list of protocols
	at client ./carry.sh "$DOCUMENTS" $1 <"$TMP/plan" >"$TMP/carried.$2" 2>"$TMP/carry.$2.log"
}

[ -e "$DOCUMENTS/INDEX.tsv" ] || ./documents.sh "$DOCUMENTS" "$SIZE" || exit 2
./plan.py "$DOCUMENTS" "$PROTOCOLS" >"$TMP/plan" || exit 2
content_town
content_servers "$SIZE"
content_boxes
content_record "$TMP/town.pcap"
lane "$SMTP_LANE" 1 &
lanes=$!
lane "$FILE_LANE" 2 &
lanes="$lanes $!"
lane "$WEB_LANE" 3
# shellcheck disable=SC2086 # two numbers
wait $lanes
content_recorded
cat "$TMP"/carried.* >"$TMP/carried"
head -n 20 -q "$TMP"/carry.*.log
status=0
./arrived.py "$TMP/plan" "$TMP/carried" "$DOCUMENTS" "$SERVED" || status=1
./split.py "$TMP/town.pcap" "$TMP/cells" || status=1
echo "matrix: $(wc -l <"$TMP/plan") cells made and carried in $SECONDS s"
./judge.py "$B/sekimori" content.rules "$TMP/plan" "$TMP/carried" "$TMP/cells" || status=1
[ "$RECUT" = none ] || ./recut.py "$B/sekimori" content.rules "$TMP/plan" "$TMP/cells" "$RECUT" || status=1
echo "matrix: $SECONDS s"
exit $status
