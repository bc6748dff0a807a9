#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# documents.sh OUT some|all: the documents of the matrix. `all` wants LibreOffice and takes minutes. SEED=N draws other numbers.
out=$(realpath -m "$1")
cd "$(dirname "$0")" || exit 2
make() { ./generate.py "$out" --seed "${SEED:-1}" "$@" || exit 2; }

some() {
	make --kinds list --containers csv,zip,mail-base64
	make --kinds ids,parcels --count 300 --encodings utf-8,cp932-full --containers csv,mail-base64
}

# What LibreOffice makes holds UTF-8 whatever it came from, and archives hold what they hold: the whole product for the first
# twelve containers, the others in a few encodings.
all() {
	local e n=0 decoys=(ids sequence invoices phones parcels times licences corporate noise source changed)
	make --kinds list --containers csv,html,json,gzip,zip,zip-in-zip,mail-base64,mail-quoted,xlsx,xlsx-numeric,ods,docx
	make --kinds list --encodings utf-8,cp932,utf-16le --containers zip-stored,zip-streamed,mail-zip,tar.gz,7z,pdf,xls,zip-password,7z-password
	make --kinds roster,codes --encodings utf-8,cp932-full --containers csv,zip,xlsx
	for e in $(python3 -c 'from charsets import ENCODINGS; print(*ENCODINGS)') utf-8; do	# a kind of decoy each, in turn
		make --kinds "${decoys[n++]}" --count 1000 --encodings "$e" --containers csv,zip,mail-base64,html,xlsx
	done
}

"$2"
