#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh some|all: the tests of content inspection on real programs. `some` is the part of `make check`.
B=$(realpath -m "${B:-build}")
CORPORA=$(realpath -m "${CORPORA:-../shared/corpora}")
export B CORPORA
cd "$(dirname "$0")" || exit 2
if [ "$(id -u)" != 0 ]; then
	echo "content: needs root for network namespaces: 0 passed, 1 failed"
	exit 1
fi
status=0
run() { timeout 1500 "$@" || { status=1; echo "FAIL tests/content/$1"; }; }
run ./matrix.sh "$1"
if [ "$1" = all ]; then
	run ./block.sh
	run ./bad.sh
	run ./texts.sh "$CORPORA"
	run ./captures.py "$B/sekimori" "$CORPORA"
fi
exit $status
