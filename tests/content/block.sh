#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# block.sh: `my-number block 1 per flow` in line, for each protocol: a list of numbers in the middle of a file does not arrive, as
# the server's own files show; its twin without numbers does. Needs the programs of `deps.sh content`.
cd "$(dirname "$0")" || exit 2
B=$(realpath -m "${B:-../../build}")
# shellcheck source=tests/content/town.sh
. ./town.sh
# shellcheck source=tests/netns/box.sh
. ../netns/box.sh
# shellcheck disable=SC2086 # lists of programs
lib_begin block $CONTENT_PROGRAMS $CONTENT_MORE jq
DOCUMENTS=$TMP/documents
PROTOCOLS=${PROTOCOLS:-http-put,http-get,smtp,imap,pop3,ftp,smb3,raw,tftp}
./generate.py "$DOCUMENTS" --kinds buried,twin --encodings utf-8 --containers csv || exit 2
./plan.py "$DOCUMENTS" "$PROTOCOLS" >"$TMP/plan" || exit 2
content_town
mkdir -m 777 "$SERVED/nginx-body"
NGINX_BODIES=$SERVED/nginx-body content_servers all
content_boxes
box_start "$PWD/block.rules"
mkdir "$SERVED/got"
GOT=$SERVED/got at client ./carry.sh "$DOCUMENTS" ${PROTOCOLS//,/ } <"$TMP/plan" >"$TMP/carried" 2>"$TMP/answers"
sleep 2	# an engine's last events, a server's last bytes
[ ! -e "$TMP/mail/mail/mbox" ] || cp "$TMP/mail/mail/mbox" "$SERVED/mbox"
./block_judge.py "$TMP/plan" "$TMP/carried" "$DOCUMENTS" "$SERVED" "$BOX_LOG/eve.json" "$TMP/answers"
status=$?
[ $status = 0 ] || sed 's/^/  | /' "$TMP/answers"
box_stop
echo "block: $SECONDS s"
exit $status
