#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make check-vm: the native kernel path, the rows of the demo and the systemd units, in a guest with Debian's own kernel.
cd "$(dirname "$0")/../.." || exit 2
status=0
echo "vm: rows and native path"
tests/vm/run.sh sh -c 'tests/vm/native.sh; a=$?; tests/netns/rows.sh segmentation application protocols changes failures; b=$?
	[ $a = 0 ] && [ $b = 0 ]' || status=1
echo "vm: systemd"
rm -rf build/vm/root
make -s -o all install B="${B:-build}" DESTDIR="$PWD/build/vm/root" || exit 2
tests/vm/run.sh --systemd --before tests/vm/units_before.sh tests/vm/units.sh || status=1
exit $status
