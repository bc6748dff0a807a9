#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# live_drift: somebody changes the kernel behind the daemon's back, by the programs that people use: each change is told
# within a second, with its process and in words; our own applies are not; and with `restore` it does not last.
# shellcheck disable=SC2016 # jq programs in single quotes
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/box.sh"
lib_begin live_drift jq nft iptables-nft

ns client box server
link client eth0 box net0
link server eth0 box cloud0
addr client eth0 10.1.0.2/24
addr server eth0 10.2.0.2/24
addr box net0 10.1.0.1/24
addr box cloud0 10.2.0.1/24
route client default via 10.1.0.1
route server default via 10.2.0.1
forwarding box

policy() { # PORT
	cat <<POLICY
model alpha;
zone net { role internet; interface "net0"; network 10.1.0.0/24; }
zone cloud { role cloud; interface "cloud0"; network 10.2.0.0/24; }
host web { zone cloud; address 10.2.0.2; }
service http { tcp $1; }
profile browse { inspect metadata; on-restart pass; on-midstream pass; }
permit web { kind security-cloud; from zone net; to host web; service http; application HTTP; profile browse;
	owner "a"; reason "b"; approved-by "c"; approved-on 2026-04-01; until 2027-03-31; }
POLICY
}
policy 80 >"$TMP/a.rules"
policy 81 >"$TMP/b.rules"

eve() { cat "$TMP"/box/log/eve.json* 2>/dev/null; }
drifts() { eve | jq -c 'select(.sekimori.detector == "drift")'; }
count() { drifts | grep -c .; }
handle() { at box nft -a list chain inet sekimori "$1" | sed -n "s/.*$2.* # handle //p" | head -n 1; }
verifier() { box_status | jq -r .verifier.pid; }
swept() { [ "$(at box nft -t list table inet sekimori | grep -c "chain p_net_cloud_")" = 1 ]; }
looked() { [ "$(box_sekimori stats --json | jq '[.. | .looks? // empty] | max')" -gt "$1" ]; }
looks() { box_sekimori stats --json | jq '[.. | .looks? // empty] | max'; }

# ---- ours ----
box_start "$TMP/a.rules" 'engines = 2;'
check "the rules of the start are swept" wait_for 10 swept
check "another policy is applied" box_apply "$TMP/b.rules"
check "... its predecessor swept" wait_for 10 swept
n=$(looks)
at box nft list ruleset >/dev/null
at box iptables-nft -S >/dev/null
check "the verifier has seen it all" wait_for 10 looked "$((n > 0 ? n - 1 : 0))"
equal "our own applies, and who only looks, raise nothing" "" "$(drifts)"
confined() { grep -q "^Seccomp:.2" "/proc/$1/status" && grep -q "^CapEff:.0000000000001000" "/proc/$1/status"; }
check "the verifier has CAP_NET_ADMIN alone and its filter" confined "$(verifier)"
proved() { [ "$(box_status | jq -r .kernel.result)" = proved ]; }
check "the kernel is proved to be the policy" wait_for 10 proved
check "... and by the CLI" box_sekimori verify
check "... also held against the text" box_sekimori verify "$TMP/b.rules"
refuse "another text is refuted" box_sekimori verify "$TMP/a.rules"
equal "... with exit code 1" 1 "$(box_sekimori verify "$TMP/a.rules" >/dev/null 2>&1; echo $?)"
check "a record is kept" box_sekimori verify --save "$TMP/proved.record"

# ---- others ----
told() { # WHAT PATTERN COMMAND...: with the process, in these words; how soon is printed, the aim is a second
	local what=$1 pattern=$2 before start
	shift 2
	before=$(count) start=$(now_us)
	at box "$@" >"$TMP/said" 2>&1 || bad "$what: $*" "$(cat "$TMP/said")"
	more() { [ "$(count)" -gt "$before" ]; }
	wait_for 10 more
	local ms=$((($(now_us) - start) / 1000)) line
	line=$(drifts | tail -n +$((before + 1)))
	if printf '%s' "$line" | jq -se --arg p "$pattern" 'any(.[]; (.sekimori | .detail // .message // "" | tostring) + (. | tostring) | test($p))' >/dev/null; then
		ok "$what is told ($ms ms)"
	else
		bad "$what is told" "$pattern" "$line"
	fi
}
at box nft "table ip ballast { chain c { $(yes 'ip saddr 192.0.2.1 counter;' | head -n 1000) }; }"
wait_for 3 eval '[ "$(count)" -ge 1 ]'
equal "what breaks nothing is proved to, and told as severity 2" '[2,true]' \
	"$(drifts | tail -n 1 | jq -c '[.alert.severity, (tostring | test("proved: it does what the policy says"))]')"
told "a rule that is deleted" 'process [0-9]+ .nft.*1 rule removed: rule removed inet sekimori forward' \
	nft delete rule inet sekimori forward handle "$(handle forward untracked)"
told "a verdict that is flipped" '1 rule changed: rule changed inet sekimori forward handle [0-9]+: goto denied -> accept' \
	nft replace rule inet sekimori forward handle "$(at box nft -a list chain inet sekimori forward | sed -n 's/^\t\tgoto denied # handle //p')" accept
told "a base chain of somebody else's" 'chain added ip other f: type filter hook 2 priority -100 policy accept' \
	nft 'table ip other { chain f { type filter hook forward priority -100; accept; }; }'
told "an element that is added" 'element added inet sekimori cut4: 10.9.9.9' nft add element inet sekimori cut4 '{ 10.9.9.9 }'
if [ "$(box_queue_kind)" = fallback ]; then
	told "iptables -F under the fallback" 'process [0-9]+ .iptables.*rule.? removed.*target NFQUEUE' iptables-nft -F
fi
told "a table that is deleted" 'table removed ip other' nft delete table ip other
equal "the CLI shows a packet and says no" '1 true' \
	"$(box_sekimori verify >"$TMP/verify" 2>&1; echo $?) $(grep -q 'for example' "$TMP/verify" && echo true)"
check "... while the record of before is still proved" box_sekimori verify --record "$TMP/proved.record"
equal "something that is no record cannot be judged" 2 "$(box_sekimori verify --record "$TMP/a.rules" >/dev/null 2>&1; echo $?)"
differs() { box_status | jq -e '.kernel.result == "refuted" and any(.findings[]; .word == "kernel-differs")' >/dev/null; }
check "status says so" wait_for 5 differs
equal "each in Japanese for people" true \
	"$([ "$(grep -c 'プロセス [0-9]* (.*) がカーネルの規則を変更しました' "$TMP/box/log/alerts.log")" -ge 6 ] && echo true)"
equal "severity 1, detector drift, its own signature" '[1,1708002]' "$(drifts | tail -n 1 | jq -c '[.alert.severity, .alert.signature_id]')"

# ---- a verifier that dies: its successor hears what it missed ----
old=$(verifier)
before=$(count)
kill -9 "$old"
at box nft add table ip missed
again() { [ "$(count)" -gt "$before" ] && [ "$(verifier)" != "$old" ]; }
check "what happened without a verifier is told by the next one" wait_for 5 again

# ---- what nobody announces ----
at box sysctl -qw net.ipv4.conf.net0.accept_local=1
setting() { drifts | grep -q 'conf/net0/accept_local: 0 -> 1'; }
check "a setting that was changed is told within a minute" wait_for 65 setting

# ---- restoring ----
box_stop
at box nft delete table ip ballast
box_start "$TMP/a.rules" 'engines = 2; restore = true;'
check "swept" wait_for 10 swept
check "proved" wait_for 10 proved
restored() { ! at box nft list chain inet sekimori forward | grep -q '^		accept' && ! at box nft list chain inet sekimori passed | grep -q '^		accept$'; }
at box nft 'insert rule inet sekimori forward accept; insert rule inet sekimori passed accept'
check "with restore a rule that opens everything does not last" wait_for 5 restored
check "... and the change was told" wait_for 5 eval 'drifts | grep -q "2 rules added.*refuted"'
check "swept again" wait_for 10 swept
check "... and proved again" wait_for 10 proved
equal "... of which the rest is one event that all is well" '["foreign-change","kernel-differs"]' "$(drifts | jq -sc 'map(.sekimori.reason)')"
equal "... of severity 3" 3 "$(drifts | tail -n 1 | jq .alert.severity)"
finish
