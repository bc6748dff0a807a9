#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make check-vm: the native kernel path, that kernel read back, the rows of the demo, dates over power cuts and the systemd
# units, in guests with Debian's own kernel. `check.sh PART...` runs some of: native verify rows clock units confirm.
cd "$(dirname "$0")/../.." || exit 2
B=$(realpath -m "${B:-build}")
export B VM_CACHE=${VM_CACHE:-$B/vm}
log=$VM_CACHE/log
mkdir -p "$VM_CACHE" || exit 2

native() {
	tests/vm/run.sh tests/vm/native.sh
}

# Dates of the policy are judged by this clock; tests/unit/records/native.record is of it, too.
verify() {
	tests/vm/run.sh --rtc 2026-11-22T03:00:00 tests/vm/verify.sh
}

rows() {
	tests/vm/run.sh tests/netns/rows.sh segmentation application protocols changes failures
}

# One disk through three guests. The battery clock is right, empty, years ahead.
clock() {
	local status=0
	rm -f "$VM_CACHE/disk"
	truncate -s 64M "$VM_CACHE/disk"
	tests/vm/run.sh --disk "$VM_CACHE/disk" --rtc 2026-11-22T00:30:00 tests/vm/clock.sh right || status=1
	tests/vm/run.sh --disk "$VM_CACHE/disk" --rtc 2000-01-01T06:00:00 tests/vm/clock.sh past || status=1
	tests/vm/run.sh --disk "$VM_CACHE/disk" --rtc 2031-01-01T06:00:00 tests/vm/clock.sh future || status=1
	return $status
}

booted() { # SCRIPT: on a booted system that has Sekimori installed
	rm -rf "$B/vm/root"
	make -s -o all install B="$B" DESTDIR="$B/vm/root" || return 2
	tests/vm/run.sh --systemd --before tests/vm/units_before.sh "$1"
}

units() {
	booted tests/vm/units.sh
}

confirm() {
	booted tests/vm/units_confirm.sh
}

# Two guests at a time: those that work beside those that wait for a date or a time-out.
lane() { # PART... - those of them that were asked for, one after the other
	local part start
	for part in "$@"; do
		case " $asked " in *" $part "*) ;; *) continue ;; esac
		start=$SECONDS
		"$part" >"$logs/$part" 2>&1
		echo $? >"$logs/$part.rc"
		echo "vm: $part, $((SECONDS - start)) s" | cat - "$logs/$part"
	done
}

known="native verify rows clock units confirm"
asked=${*:-$known}
for part in $asked; do
	case " $known " in *" $part "*) ;; *) echo "check-vm: no part $part (there are: $known)" >&2; exit 2 ;; esac
done
logs=$(mktemp -d) || exit 2
trap 'rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM
lane clock units confirm &
lane native verify rows
wait
broken=
for part in $asked; do
	[ "$(cat "$logs/$part.rc")" = 0 ] || broken="$broken $part"
	cat "$logs/$part"
done >"$log"
passed=$(sed -n 's/.*: \([0-9]*\) passed, [0-9]* failed$/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
failed=$(sed -n 's/.*: [0-9]* passed, \([0-9]*\) failed$/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
[ -z "$broken" ] || [ "$failed" != 0 ] || failed=1
echo "check-vm: $passed passed, $failed failed, $SECONDS s${broken:+ (in:$broken)}"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
