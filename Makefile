# SPDX-License-Identifier: GPL-3.0-or-later
PKG_CONFIG ?= pkg-config
B          ?= build
VERSION    := 0.1.0
PREFIX     ?= /usr
SYSCONFDIR ?= /etc
UNITDIR    ?= $(PREFIX)/lib/systemd/system
CORPORA    ?= ../shared/corpora
FUZZ_TIME  ?= 60
# Ask the compiler, not a version table.
try = $(shell $(CC) -Werror $(1) -xc -c /dev/null -o /dev/null 2>/dev/null && echo $(1))

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wvla \
	-Wmissing-prototypes -Wformat=2 -Wcast-qual -Wwrite-strings
ifdef SAN		# sanitizers want the unfortified calls
HARD := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=$(SAN)
else
HARD := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fPIE -fstack-protector-strong \
	$(call try,-fstack-clash-protection) $(call try,-fcf-protection=full) \
	$(call try,-fstrict-flex-arrays=3) $(call try,-ftrivial-auto-var-init=zero)
LDFLAGS += -pie -Wl,-z,relro,-z,now,-z,noexecstack
endif
LIBS := libndpi libmnl libpcap libconfig libseccomp libpsl libhs libbrotlidec libzstd zlib libargon2
CPPFLAGS += -I. -D_GNU_SOURCE
CFLAGS   ?= -O2 -g
override CFLAGS += -std=gnu17 $(WARN) $(HARD) -MMD -MP
LDLIBS   += $(shell $(PKG_CONFIG) --libs $(LIBS) 2>/dev/null)

rules_o  := $(patsubst %.c,$(B)/%.o,$(wildcard rules/*.c rules/*/*.c rules/*/*/*.c))
daemon_o := $(patsubst %.c,$(B)/%.o,$(filter-out daemon/main.c,$(wildcard daemon/*.c daemon/*/*.c daemon/*/*/*.c)))
tools_o  := $(patsubst %.c,$(B)/%.o,$(filter-out %/main.c,$(wildcard tools/cmd_*.c tools/cli*.c tools/*/*.c)))
archives := $(B)/libdaemon.a $(B)/librules.a
units    := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
support  := $(patsubst %.c,$(B)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
fuzzers  := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
helpers  := $(patsubst %.c,$(B)/%,$(wildcard tests/netns/*.c tests/bench/*.c tests/oracle/*.c tools/mkpcap.c))

all: $(B)/sekimori $(B)/sekimorid ## the programs, in build/ (default; no root, no network)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC  $<";) $(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
$(B)/librules.a: $(rules_o)
	@rm -f $@; ar rcs $@ $^
$(B)/libdaemon.a: $(daemon_o)
	@rm -f $@; ar rcs $@ $^
$(B)/libtools.a: $(tools_o)
	@rm -f $@; ar rcs $@ $^
$(B)/sekimori: $(B)/tools/sekimori.o $(B)/libtools.a $(archives)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/sekimorid: $(B)/daemon/main.o $(archives)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/sekimori-register: $(B)/tools/register/main.o $(B)/libtools.a $(archives)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(support) $(B)/libtools.a $(archives)
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -lcmocka -o $@
$(B)/tests/unit/test_prove_z3: LDLIBS += -lz3
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/onefile.o $(support) $(B)/libtools.a $(archives)
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(helpers): $(B)/%: $(B)/%.o $(archives)
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

programs: all register $(helpers)
register: $(B)/sekimori-register ## the register filter, a package of its own: sekimori-register(1) first
tests: programs $(units) $(fuzzers) ## every test program

# ---- checks; each prints a line that counts its tests ----
check: ## every test but the virtual machine's; as root also installs what they need
	@tools/deps.sh check
	@$(MAKE) --no-print-directory tests
	@B=$(B) tests/run.sh
check-asan: ## the same under AddressSanitizer and UBSan, without namespaces
	@$(MAKE) --no-print-directory B=build/asan SAN=address,undefined CFLAGS='-O1 -g' tests
	@B=build/asan tests/run.sh unit oracle rules replay fuzz
check-netns: tests ## the town in network namespaces (root)
	@B=$(B) tests/run.sh netns
check-content: ## what is found of personal numbers: encodings x containers x protocols, by real programs (root, minutes)
	@tools/deps.sh content
	@$(MAKE) --no-print-directory tests
	@B=$(B) CORPORA=$(CORPORA) tests/content/run.sh all
check-reload: tests ## 1,000 applies under load, no gap (root, minutes)
	@B=$(B) APPLIES=1000 tests/netns/reload.sh
check-vm: tests ## the native kernel path and the units, in a guest with Debian's kernel
	@tools/deps.sh vm
	@B=$(B) tests/vm/check.sh
check-corpora: ## nDPI parity, and every capture of CORPORA=DIR under the sanitizers
	@tools/deps.sh check
	@$(MAKE) --no-print-directory tests
	@$(MAKE) --no-print-directory B=build/asan SAN=address,undefined CFLAGS='-O1 -g' tests
	@B=$(B) tests/replay/ndpi_parity.sh $(CORPORA)
	@B=build/asan tests/replay/corpora.sh $(CORPORA)
fuzz: ## each fuzz target for FUZZ_TIME seconds (clang)
	@tools/deps.sh fuzz
	@FUZZ_TIME=$(FUZZ_TIME) tests/fuzz/run.sh
bench: tests ## ratios against bare forwarding and Suricata, in one run (root)
	@tools/deps.sh bench
	@B=$(B) tests/bench/run.sh
lint: ## include direction, headers alone, format, man pages, scripts, sizes
	@tools/deps.sh lint
	@B=$(B) tests/lint.sh
format: ## lay out the C files
	clang-format -i $$(git ls-files '*.c')
golden: all ## NAME=x: write one expected replay output anew and show the difference
	@B=$(B) GOLDEN=$(NAME) tests/replay/run.sh
cover: ## which lines the unit, rules and replay tests reach
	@$(MAKE) --no-print-directory B=build/cover CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage tests
	@B=build/cover tests/run.sh unit oracle rules replay fuzz
	@cd build/cover && find . -name '*.gcno' ! -path './tests/*' -exec gcov -n {} + 2>/dev/null | \
		awk -F"'" '/^File/{f=$$2} /^Lines/{split($$0,a,"[:%]"); if (f !~ /^\/usr/) print a[2] "% " f}' | sort -n
demo: ## the main job on real programs: a town in namespaces (root)
	@tools/deps.sh demo
	@$(MAKE) --no-print-directory programs
	@B=$(B) tools/demo.sh

# ---- installation ----
man8 := $(wildcard daemon/*.8)
man5 := $(wildcard rules/*.5 daemon/*.5)
man1 := $(wildcard tools/*.1)
install: all ## DESTDIR, PREFIX, SYSCONFDIR, UNITDIR
	install -d $(addprefix $(DESTDIR),$(PREFIX)/sbin $(PREFIX)/bin $(UNITDIR) $(SYSCONFDIR)/sekimori \
		$(PREFIX)/lib/sysusers.d $(PREFIX)/lib/tmpfiles.d $(PREFIX)/lib/sysctl.d $(SYSCONFDIR)/logrotate.d \
		$(PREFIX)/share/sekimori/presets $(PREFIX)/share/man/man1 $(PREFIX)/share/man/man5 $(PREFIX)/share/man/man8)
	install -m 755 $(B)/sekimorid $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(B)/sekimori $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(wildcard systemd/*.service) $(DESTDIR)$(UNITDIR)/
	install -m 644 systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/sekimori.conf
	install -d $(DESTDIR)$(PREFIX)/lib/modules-load.d
	install -m 644 systemd/modules-load.conf $(DESTDIR)$(PREFIX)/lib/modules-load.d/sekimori.conf
	install -m 644 systemd/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/sekimori.conf
	install -m 644 systemd/sysctl.conf $(DESTDIR)$(PREFIX)/lib/sysctl.d/60-sekimori.conf
	install -m 644 systemd/logrotate.conf $(DESTDIR)$(SYSCONFDIR)/logrotate.d/sekimori
	test -e $(DESTDIR)$(SYSCONFDIR)/sekimori/sekimori.conf || \
		install -m 640 systemd/sekimori.conf $(DESTDIR)$(SYSCONFDIR)/sekimori/
	install -m 644 $(wildcard rules/presets/*.rules) $(DESTDIR)$(PREFIX)/share/sekimori/presets/
	install -m 644 $(man1) $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 $(man5) $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 $(man8) $(DESTDIR)$(PREFIX)/share/man/man8/
install-register: register ## sekimori-register, which `install` leaves out on purpose
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/man/man1)
	install -m 755 $(B)/sekimori-register $(DESTDIR)$(PREFIX)/bin/
	install -m 644 tools/register/sekimori-register.1 $(DESTDIR)$(PREFIX)/share/man/man1/
uninstall: ## what install put there; settings and events stay
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(notdir $(wildcard systemd/*.service)))
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,sbin/sekimorid bin/sekimori bin/sekimori-register share/man/man1/sekimori-register.1 lib/sysusers.d/sekimori.conf \
		lib/tmpfiles.d/sekimori.conf lib/sysctl.d/60-sekimori.conf \
		lib/modules-load.d/sekimori.conf) $(DESTDIR)$(SYSCONFDIR)/logrotate.d/sekimori
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/man/man,$(foreach m,$(man1) $(man5) $(man8),$(subst .,,$(suffix $(m)))/$(notdir $(m))))
	rm -rf $(DESTDIR)$(PREFIX)/share/sekimori
dist: ## an archive of what is committed
	@mkdir -p $(B)
	git archive --prefix=sekimori-$(VERSION)/ -o $(B)/sekimori-$(VERSION).tar.gz HEAD
distcheck: dist ## unpack it, build, test, install into a scratch directory
	rm -rf $(B)/dist && mkdir -p $(B)/dist && tar -C $(B)/dist -xf $(B)/sekimori-$(VERSION).tar.gz
	$(MAKE) -C $(B)/dist/sekimori-$(VERSION) check-asan
	$(MAKE) -C $(B)/dist/sekimori-$(VERSION) install DESTDIR=$(abspath $(B)/dist/root)
clean: ## remove build/
	rm -rf $(B)
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: all programs register install-register tests check check-content check-asan check-netns check-reload check-vm check-corpora fuzz bench \
	lint format golden \
	cover demo install uninstall dist distcheck clean help
-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)
