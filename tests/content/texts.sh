#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# texts.sh CORPORA: the documents of others, sent by real programs, captured and replayed: no crash, no alert about a number.
corpora=$(realpath -m "${1:?usage: texts.sh CORPORA}")
cd "$(dirname "$0")" || exit 2
directory=$(mktemp -d) || exit 2
trap 'rm -rf "$directory"' EXIT
./texts.py "$corpora" "$directory" || exit 2
DOCUMENTS=$directory RECUT=none B=$(realpath -m "${B:-../../build}") ./matrix.sh some
