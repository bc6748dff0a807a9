#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# matrix.sh [some|all]: every encoding x container x protocol, sent by real programs to real servers, captured, replayed, and a
# table of what was found. `some` needs only the programs of `deps.sh check` and is part of `make check`; `all` needs those of
# `deps.sh content`. A missed, refused or skipped cell is a failed one. SEED=N draws other numbers; KEEP=1 keeps
# documents and captures. Nothing outside the namespaces is touched.
B=$(realpath -m "${B:-build}")
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/content/town.sh
. ./town.sh
SIZE=${1:-some}
SEED=${SEED:-1}
# shellcheck disable=SC2086 # lists of programs
if [ "$SIZE" = all ]; then lib_begin matrix $CONTENT_PROGRAMS $CONTENT_MORE soffice 7z zip; else lib_begin matrix $CONTENT_PROGRAMS; fi
DOCUMENTS=$TMP/documents
SMTP_LANE="smtp" WEB_LANE="http-put http-chunked http-form http-get ftp ftp-active tftp raw" FILE_LANE="smb2 smb3 imap pop3"

documents() { ./generate.py "$DOCUMENTS" --seed "$SEED" "$@" || exit 2; }

documents_some() {
	documents --kinds list --containers csv,zip,mail-base64
	documents --kinds ids,parcels --count 300 --encodings utf-8,cp932-full --containers csv,mail-base64
	PROTOCOLS=http-put,smtp,ftp,raw
}

# What LibreOffice makes holds UTF-8 whatever it came from, and archives hold what they hold: the whole product for the first
# twelve containers, the others in a few encodings.
documents_all() {
	documents --kinds list --containers csv,html,json,gzip,zip,zip-in-zip,mail-base64,mail-quoted,xlsx,xlsx-numeric,ods,docx
	documents --kinds list --encodings utf-8,cp932,utf-16le --containers zip-stored,zip-streamed,mail-zip,tar.gz,7z,pdf,xls,zip-password,7z-password
	documents --kinds roster,codes --encodings utf-8,cp932-full --containers csv,zip,xlsx
	local e
	e=$(python3 -c 'from charsets import ENCODINGS; print(*ENCODINGS)')
	set -- ids sequence invoices phones parcels times licences corporate noise source changed
	for e in $e; do	# a kind of decoy for each encoding, in turn
		documents --kinds "$1" --count 1000 --encodings "$e" --containers csv,zip,mail-base64,html,xlsx
		shift
	done
	documents --kinds "$1" --count 1000 --encodings utf-8 --containers csv,zip,mail-base64,html,xlsx
	PROTOCOLS=http-put,http-chunked,http-form,http-get,smtp,imap,pop3,ftp,ftp-active,smb2,smb3,raw,tftp
}

boxes() {	# what POP3 will fetch
	local a
	for a in "$DOCUMENTS"/pop3/*; do
		[ -e "$a" ] || continue
		mkdir -p "$SERVED/mail/${a##*/}/box/"{new,cur,tmp}
		cp -L "$a" "$SERVED/mail/${a##*/}/box/cur/1.a.box:2,"
	done
	[ ! -d "$SERVED/mail" ] || chown -R postfix "$SERVED/mail"
}

lane() {
	# shellcheck disable=SC2086 # a list of protocols
	at client ./carry.sh "$DOCUMENTS" $1 <"$TMP/plan" >"$TMP/carried.$2" 2>"$TMP/carry.$2.log"
}

"documents_$SIZE"
./plan.py "$DOCUMENTS" "$PROTOCOLS" >"$TMP/plan" || exit 2
content_town
content_servers "$SIZE"
boxes
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
echo "matrix: $SECONDS s"
exit $status
