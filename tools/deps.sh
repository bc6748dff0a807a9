#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what a target needs on Debian 12, and only what is missing. Without root it says what to install.
set -eu
build="gcc make pkg-config libc6-dev libndpi-dev libmnl-dev libpcap-dev libconfig-dev libseccomp-dev libpsl-dev libvectorscan-dev
libbrotli-dev libzstd-dev zlib1g-dev libargon2-dev"
run="nftables iproute2 iptables"
tests="libcmocka-dev libbdd0c2 libz3-dev python3-jsonschema mandoc hping3"
town="jq curl libio-socket-inet6-perl libnet-ssleay-perl nginx-light openssl dnsmasq squid postfix swaks openssh-server openssh-client vsftpd lftp iperf3 netcat-openbsd
bind9-dnsutils iputils-ping tcpdump conntrack procps python3 python3-scapy ethtool kmod"
content="samba smbclient dovecot-imapd dovecot-pop3d tftpd-hpa p7zip-full zip libreoffice-calc-nogui libreoffice-writer-nogui poppler-utils
fonts-ipafont-gothic"
case "${1:-build}" in
build) want="$build $run" ;;
check) want="$build $run $tests $town" ;;
demo) want="$build $run $town" ;;
content) want="$build $run $tests $town $content" ;;
bench) want="$build $run $tests $town wrk libndpi-bin" ;;
captures) want="$town dovecot-imapd dovecot-pop3d samba smbclient tftpd-hpa rsyslog bsdutils cups-ipp-utils" ;;
vm) want="$build $run $tests $town qemu-system-x86 busybox-static cpio chrony e2fsprogs" ;;
fuzz) want="$build clang libclang-rt-14-dev" ;;
lint) want="$build clang-format cppcheck shellcheck mandoc git" ;;
*) echo "usage: deps.sh build|check|content|demo|bench|captures|vm|fuzz|lint" >&2; exit 2 ;;
esac
missing=
for p in $want; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "missing packages; run: apt-get install$missing" >&2
	exit 2
fi
echo "installing:$missing"
# Servers come for the tests: none of them may start on this machine by itself.
guard=
if [ ! -e /usr/sbin/policy-rc.d ]; then
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	guard=1
fi
status=0
# shellcheck disable=SC2086 # a list of words
{ DEBIAN_FRONTEND=noninteractive apt-get update -q &&
	DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing; } >/tmp/sekimori-deps.$$ 2>&1 || status=2
[ -z "$guard" ] || rm -f /usr/sbin/policy-rc.d
[ $status = 0 ] || { tail -n 20 /tmp/sekimori-deps.$$ >&2; echo "could not install:$missing" >&2; }
rm -f /tmp/sekimori-deps.$$
exit $status
