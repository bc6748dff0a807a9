#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [--systemd [--before SCRIPT]] [--disk FILE] [--rtc TIME] COMMAND... - run a command in a guest with Debian's own
# kernel, as root
#
# The guest sees this machine's root read-only (9p) under a layer in memory, so every program installed here
# is there and nothing it does stays. The command starts in the same directory as here, its output and exit code are
# this script's. --systemd boots systemd as process 1 to multi-user.target and runs the command as a service of it; SCRIPT
# runs before systemd does, to install and enable units. --disk gives the guest a disk (/dev/vda) that outlives it, --rtc
# what its battery clock says (UTC). The power fails when the guest makes the file /run/job/cut: the exit code is then
# what it had written to /run/job/rc.
# Settings: VM_TIMEOUT seconds [1800], VM_MEMORY MB [1536], VM_CACHE [$B/vm], VM_KEEP=1 keeps the job's directory.
# A full boot takes some seconds in software emulation; no KVM is needed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 2
cache=$(realpath -m "${VM_CACHE:-${B:-build}/vm}")

die() {
	echo "vm: $*" >&2
	exit 2
}

# The kernel package is unpacked, never installed: this machine's own boot is left alone.
fetch_kernel() {
	local package work=$cache/download
	package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: *\(linux-image-.*\)/\1/p' | head -n 1)
	if [ -z "$package" ]; then
		[ "${1:-}" = updated ] || { apt-get -q update >/dev/null 2>&1; fetch_kernel updated; return; }
		die "apt knows no linux-image-amd64; add Debian's main archive to its sources"
	fi
	[ -e "$cache/$package/ready" ] || {
		rm -rf "$work" && mkdir -p "$work" "$cache/$package"
		(cd "$work" && apt-get -q download "$package" >log 2>&1) || {
			# the lists may name a version that the archive has replaced
			[ "${1:-}" = updated ] || { apt-get -q update >/dev/null 2>&1; fetch_kernel updated; return; }
			die "cannot download $package: $(tail -n 1 "$work/log")"
		}
		dpkg-deb -x "$work"/linux-image-*.deb "$cache/$package" || die "cannot unpack $package"
		rm -rf "$work"
		depmod -b "$cache/$package" "${package#linux-image-}" || die "depmod failed"
		touch "$cache/$package/ready"
	}
	release=${package#linux-image-}
	kernel=$cache/$package/boot/vmlinuz-$release
	modules=$cache/$package/lib/modules/$release
}

# modules in loading order, for the guest to reach its root
initrd_modules() {
	local m
	for m in virtio_pci 9pnet_virtio 9p overlay; do
		modprobe -d "${modules%/lib/modules/*}" -S "$release" --show-depends "$m" || die "no module $m"
	done | awk '$1 == "insmod" && !seen[$2]++ {print $2}'
}

make_initrd() {
	local tree m
	[ "$cache/initrd" -nt "$here/init" ] && [ "$cache/initrd" -nt "$kernel" ] && return
	tree=$(mktemp -d) || die "no directory for the initrd"
	mkdir -p "$tree"/{bin,m,dev,proc,sys,ro,rw,new}
	cp "$(command -v busybox)" "$tree/bin/busybox" || die "busybox-static is not installed"
	install -m 755 "$here/init" "$tree/init"
	initrd_modules | while read -r m; do
		cp "$m" "$tree/m/" && basename "$m" >>"$tree/m/order"
	done
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$cache/initrd.$$" && mv "$cache/initrd.$$" "$cache/initrd"
	rm -rf "$tree"
}

init=job
[ "${1:-}" = --systemd ] && { init=systemd; shift; }
before='' machine=()
while :; do
	case ${1:-} in
	--before) before=$2 ;;
	--disk) machine+=(-drive "file=$2,format=raw,if=virtio") ;;
	--rtc) machine+=(-rtc "base=$2") ;;
	*) break ;;
	esac
	shift 2
done
[ $# -gt 0 ] || { sed -n '4,16s/^# \{0,1\}//p' "$0" >&2; exit 2; }
for p in qemu-system-x86_64 busybox cpio depmod dpkg-deb; do
	command -v $p >/dev/null || die "$p is not installed (tools/deps.sh vm)"
done
mkdir -p "$cache" || die "cannot write $cache"
(
	flock 9		# two runs at a time share the cache
	fetch_kernel
	make_initrd
) 9>"$cache/lock" || exit 2
fetch_kernel

job=$(mktemp -d "$cache/job.XXXXXX")
trap 'kill "${qemu:-}" "${tail:-}" 2>/dev/null; [ -n "${VM_KEEP:-}" ] || rm -rf "$job"' EXIT
trap 'exit 130' INT TERM
script() {
	printf 'cd %q || exit 2\n' "$PWD"
	printf 'export VM=1 PATH=%q LC_ALL=%q HOME=/root B=%q\n' "$PATH" "${LC_ALL:-C.UTF-8}" "${B:-build}"
	printf '%q ' "$@"
	echo
}
script "$@" >"$job/cmd"
[ -z "$before" ] || script "$before" >"$job/before"
: >"$job/out"

timeout -k 5 "${VM_TIMEOUT:-1800}" qemu-system-x86_64 -nodefaults -no-reboot -display none -machine pc -cpu max \
	-accel tcg,thread=multi -smp "$(nproc)" -m "${VM_MEMORY:-1536}" \
	-kernel "$kernel" -initrd "$cache/initrd" \
	-append "console=ttyS0 quiet loglevel=4 systemd.show_status=0 panic=-1 mitigations=off no_timer_check tsc=reliable vm.init=$init vm.modules=$modules" \
	"${machine[@]}" -pidfile "$job/pid" -serial "file:$job/console" -object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
	-virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
	-virtfs "local,path=$job,mount_tag=job,security_model=none,multidevs=remap" </dev/null >"$job/qemu" 2>&1 &
qemu=$!
tail -n +1 -s 0.2 -f "$job/out" &
tail=$!
(
	while kill -0 $qemu; do
		[ ! -e "$job/cut" ] || kill -9 "$(cat "$job/pid")"
		sleep 0.2
	done
) 2>/dev/null &
wait $qemu 2>/dev/null
status=$?
sleep 0.3	# the last lines through tail
[ -s "$job/rc" ] && exit "$(cat "$job/rc")"
[ $status = 124 ] && echo "vm: ended after ${VM_TIMEOUT:-1800} s" >&2
{ echo "vm: the guest did not finish its command; its console said:"; tail -n 30 "$job/console"; cat "$job/qemu"; } >&2
exit 2
