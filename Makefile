# SPDX-License-Identifier: GPL-3.0-or-later
PKG_CONFIG ?= pkg-config
B          ?= build
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
LIBS := libndpi libnetfilter_queue libnetfilter_log libmnl libpcap libconfig libseccomp
CPPFLAGS += -I. -D_GNU_SOURCE
CFLAGS   ?= -O2 -g
override CFLAGS += -std=gnu17 $(WARN) $(HARD) -MMD -MP
LDLIBS   += $(shell $(PKG_CONFIG) --libs $(LIBS) 2>/dev/null)

rules_o  := $(patsubst %.c,$(B)/%.o,$(wildcard rules/*.c rules/*/*.c))
daemon_o := $(patsubst %.c,$(B)/%.o,$(filter-out daemon/main.c,$(wildcard daemon/*.c daemon/*/*.c)))
tools_o  := $(patsubst %.c,$(B)/%.o,$(wildcard tools/sekimori.c tools/cmd_*.c tools/cli*.c))
archives := $(B)/libdaemon.a $(B)/librules.a
units    := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
fuzzers  := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
helpers  := $(patsubst %.c,$(B)/%,$(wildcard tests/netns/*.c tests/bench/*.c tools/mkpcap.c))

all: $(B)/sekimori $(B)/sekimorid ## the programs, in build/ (default; no root, no network)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC  $<";) $(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
$(B)/librules.a: $(rules_o)
	@rm -f $@; ar rcs $@ $^
$(B)/libdaemon.a: $(daemon_o)
	@rm -f $@; ar rcs $@ $^
$(B)/sekimori: $(tools_o) $(archives)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/sekimorid: $(B)/daemon/main.o $(archives)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/tests/unit/support.o $(archives)
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -lcmocka -o $@
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/onefile.o $(archives)
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(helpers): $(B)/%: $(B)/%.o $(archives)
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

tests: all $(units) $(fuzzers) $(helpers) ## every test program

-include Makefile.targets
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
clean: ## remove build/
	rm -rf $(B)

.PHONY: all tests help clean
-include $(shell find $(B) -name '*.d' 2>/dev/null)
