#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the guest before systemd starts (run.sh --before): installs Sekimori as a town would, with a network that
# systemd-networkd brings up, and enables the units.
set -e
cp -a "$B"/vm/root/. /	# what `make install` put there on the host: tests/vm/check.sh
mkdir -p /etc/systemd/network
for i in k0:10.10.0.1 l0:10.20.0.1; do
	printf '[NetDev]\nName=%s\nKind=dummy\n' "${i%:*}" >"/etc/systemd/network/${i%:*}.netdev"
	printf '[Match]\nName=%s\n[Network]\nAddress=%s/16\nLinkLocalAddressing=no\n' "${i%:*}" "${i#*:}" >"/etc/systemd/network/${i%:*}.network"
done
cat >/etc/sekimori/town.rules <<'END'
model alpha;
zone kikan { role mynumber; interface "k0"; network 10.10.0.0/16; }
zone lgwan { role lgwan;    interface "l0"; network 10.20.0.0/16; }
host gyomu  { zone kikan; address 10.10.1.10; mac 02:00:00:10:01:10; }
host shomei { zone lgwan; address 10.20.1.20; }
service https { tcp 443; }
permit renkei {
	kind specific; from host gyomu; to host shomei; service https; application TLS; profile strict; reference "1";
	owner "test"; reason "test"; approved-by "test"; approved-on 2026-04-01; review 2099-03-31;
}
END
systemd-sysusers
systemctl --root=/ enable sekimori-boot.service sekimorid.service systemd-networkd.service 2>&1 | grep -v '^Created' || true
