# shellcheck shell=bash disable=SC2034 # variables shared between the files of rows
# SPDX-License-Identifier: GPL-3.0-or-later
#
# table: the rows that the demo prints and the tests count: who tried what, expected, observed, verdict of the row.
# `row EXPECTED EN JA TRY...` runs an attempt of tries.sh; `row_result` prints a row whose observation was made otherwise.
# Source lib.sh, box.sh and tries.sh first.

# en or ja, as sekimori itself chooses: LIB_LANGUAGE was taken before lib.sh set its own locale
words() {
	if [ "$LIB_LANGUAGE" = ja ]; then echo "$2"; else echo "$1"; fi
}

# cell WIDTH TEXT - padded by display width: every character beyond ASCII is counted as two columns
cell() {
	local wide=${2//[ -~]/} pad
	pad=$(($1 - ${#2} - ${#wide}))
	[ "$pad" -ge 1 ] || pad=1
	printf '%s%*s' "$2" "$pad" ''
}

row_head() {
	echo
	if [ "$LIB_LANGUAGE" = ja ]; then
		cell 56 "だれが、何を"; cell 12 "期待"; cell 30 "実際"; echo "判定"
	else
		cell 56 "who tried what"; cell 12 "expected"; cell 30 "observed"; echo "row"
	fi
	printf '%.0s-' {1..108}
	echo
}

# group KEY EN JA [UNKNOWABLE] - a heading; why a capture of the box cannot tell what happens in this group
group() {
	if [ -n "${4:-}" ]; then unknowable "$4"; else knowable; fi
	echo
	words "== $2" "== $3"
}

# row_result EXPECTED OBSERVED EN JA DETAIL - pass, block or another word on both sides
row_result() {
	local mark
	if [ "$1" = "$2" ]; then
		LIB_PASSED=$((LIB_PASSED + 1))
		mark=$(words ok 一致)
	else
		LIB_FAILED=$((LIB_FAILED + 1))
		mark=$(words DIFFERS 相違)
	fi
	cell 56 "$(words "$3" "$4")"
	cell 12 "$(row_word "$1")"
	cell 30 "$(row_word "$2")${5:+: $5}"
	echo "$mark"
	[ "$1" = "$2" ] || [ -z "${TRY_SAID:-}" ] || echo "     | $TRY_SAID"
}

row_word() {
	case $1 in
	pass) words passes 通る ;;
	block) words blocked 遮断 ;;
	half) words "half way" 途中まで ;;
	refused) words refused 拒否 ;;
	accepted) words accepted 受理 ;;
	cut) words cut 切断 ;;
	stays) words stays 継続 ;;
	yes) words yes はい ;;
	no) words no いいえ ;;
	*) echo "$1" ;;
	esac
}

row() {
	local expected=$1 en=$2 ja=$3 observed=block
	shift 3
	if tried "$@"; then
		observed=pass
	elif [ "$TRY_HITS" != 0 ]; then
		observed=half	# the client saw no success, but the server was reached
	fi
	TRY_SAID=$(tail -n 1 "$TMP/try.out" | cut -c1-160)
	row_result "$expected" "$observed" "$en" "$ja" "$(words "client $TRY_RC, server $TRY_HITS" "端末 $TRY_RC、サーバ $TRY_HITS")"
	TRY_SAID=
}

# twin NAME EN JA TRY... <permit - the town's policy and this permit, nothing else; then the attempt passes
twin() {
	local name=$1 en=$2 ja=$3
	shift 3
	policy "$name"
	row pass "  + permit $name: $en" "  + permit $name: $ja" "$@"
}

# model_refuses NAME <permit - the town's policy with a permit that its model does not know is refused, so this permit has no twin
# in this town; rows_model has it
model_refuses() {
	local name=$1 out rc=accepted
	policy_text "$name"
	out=$(box_sekimori check "$TMP/policy/$name.rules" 2>&1) || rc=refused
	TRY_SAID=$(echo "$out" | head -n 3)
	row_result refused $rc "  + permit $name: the model refuses it" "  + permit $name: モデルが拒否" "$(echo "$out" | grep -c error:)"
	TRY_SAID=
}

town_policy() {
	cat "$TOWN_DIR/town.rules"
}

# The same town where it is allowed to know better: model custom, and kikan a school's network (with its IPv6 addresses)
free_policy() {
	sed -e 's/^model alpha;/model custom;/' -e '/^zone kikan /s/role mynumber;/role school;/' \
		-e '/^zone kikan /s,10.10.0.0/16;,10.10.0.0/16\, fd00:10::/64;,' "$TOWN_DIR/town.rules"
}

# policy_text NAME <text - policy/NAME.rules is the town's policy ($POLICY_BASE prints it) with standard input behind it
policy_text() {
	mkdir -p "$TMP/policy"
	{
		"${POLICY_BASE:-town_policy}"
		[ -t 0 ] || cat
	} >"$TMP/policy/$1.rules"
}

# policy NAME <text - that, in force
policy() {
	policy_text "$1"
	apply_file "$TMP/policy/$1.rules"
}

# The town's own policy again.
policy_base() {
	policy base </dev/null
}

# unknowable REASON - from here on a capture of the box cannot tell what happened; parity.sh listens
unknowable() {
	:
}
# knowable - it can again
knowable() {
	:
}
# settled - nothing is under way: a moment to let the records of ended conversations be written
settled() {
	:
}

# apply_file FILE - in force when this returns; hooks let parity.sh begin a new capture with each policy
apply_file() {
	local out
	declare -F before_apply >/dev/null && before_apply
	POLICY_IN_FORCE=$1
	out=$(box_sekimori apply "$1" --reason "$LIB_NAME" --override "a test has one person" 2>&1) || bad "apply ${1##*/}" "$out"
	declare -F after_apply >/dev/null && after_apply
	return 0
}
