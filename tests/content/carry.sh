#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# carry.sh DOCUMENTS PROTOCOL... <PLAN: each cell of those protocols is sent by a real client; runs in the client's
# namespace. A line of the plan is: cell, address, protocol, file, ...; a line of the answer: cell, exit code.
# Mail carries the file's companion FILE.eml, a message with the file attached, unless the file is a message itself.
DOCUMENTS=$1
shift
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
web() { curl -sS -f -m 20 "$@"; }
GOT=${GOT:+$GOT/}	# where downloads go; nowhere unless set
fetch() { web -o "${GOT:-/dev/null}${GOT:+$1}" "${@:2}"; }

carry_http-put() { web -T "$DOCUMENTS/$2" "http://$1/put/$1"; }
carry_http-chunked() { web -H 'Transfer-Encoding: chunked' -T "$DOCUMENTS/$2" "http://$1/put/$1"; }
carry_http-form() { web -F "memo=attached" -F "file=@$DOCUMENTS/$2" "http://$1/form"; }
carry_http-get() { fetch "$1" --compressed "http://$1/get/$2"; }
carry_ftp() { web -T "$DOCUMENTS/$2" "ftp://$1/in/$1"; }
carry_ftp-active() { web -P - -T "$DOCUMENTS/$2" "ftp://$1/in/$1"; }
carry_tftp() { web -T "$DOCUMENTS/$2" "tftp://$1/$1"; }
carry_raw() { timeout 20 nc -N "$1" 9100 <"$DOCUMENTS/$2"; }
carry_smb2() { smb SMB2_10 "$@"; }
carry_smb3() { smb SMB3_11 "$@"; }
smb() { timeout 20 smbclient -N -m "$1" "//$2/share" -c "put \"$DOCUMENTS/$3\" $2"; }
mail_of() { case $1 in *.eml) echo "$DOCUMENTS/$1" ;; *) echo "$DOCUMENTS/$1.eml" ;; esac }
carry_smtp() {
	case $2 in
	*.eml) web --mail-from s@kamisato.example --mail-rcpt box@kamisato.example -T "$DOCUMENTS/$2" "smtp://$1/kamisato.example" ;;
	*) timeout 20 swaks --timeout 10 --server "$1" --helo kamisato.example --from s@kamisato.example --to box@kamisato.example \
		--body "attached" --attach "@$DOCUMENTS/$2" ;;
	esac
}
carry_imap() { web -u "$1:x" -T "$(mail_of "$2")" "imap://$1/INBOX"; }
carry_pop3() { fetch "$1" -u "$1:x" "pop3://$1/1"; }	# the message was put there before

while IFS=$'\t' read -r cell address protocol file _; do
	case " $* " in *" $protocol "*) ;; *) continue ;; esac
	"carry_$protocol" "$address" "$file" >"$out" 2>&1 </dev/null
	rc=$?
	printf '%s\t%s\n' "$cell" "$rc"
	[ $rc = 0 ] || grep -aE '^curl: |^<\*\* |^\*\*\* |NT_STATUS_' "$out" | sed "s/^/carry $cell $protocol: /; 4q" >&2	# never what was sent
done
