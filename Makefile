# SPDX-License-Identifier: Apache-2.0
# Picket: one Makefile. `make help` lists the targets.
#
# MODE=release (default)  static-pie tools, stripped, into build/
# MODE=debug|asan|tsan|fuzz|cov  dynamic builds for work and tests, into build/MODE/
# V=1 shows the commands. Paths are relative throughout, so that a space in the checkout's path does no harm.

MODE ?= release
ARCH ?= x86_64
VERSION := $(shell cat VERSION)
O ?= build/$(MODE)
BIN := $(if $(filter release,$(MODE)),build,$(O))
MODULES := base crypto bundle artifact live scan collect timeline casedb report
TOOLS := $(patsubst tools/%.c,%,$(sort $(wildcard tools/picket-*.c)))
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:

ifeq ($(V),1)
Q :=
else
Q := @
endif
say = @printf '  %-6s %s\n'

# --- compiler and flags ------------------------------------------------------------------------------
CLANG := clang-14
ifeq ($(MODE),release)
CC := gcc
else ifeq ($(MODE),debug)
CC := gcc
else ifeq ($(MODE),cov)
CC := gcc
else
CC := $(CLANG)
endif
AR := gcc-ar
STRIP := strip
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

CPPFLAGS := -D_GNU_SOURCE -DPK_VERSION='"$(VERSION)"' -Iinclude -include include/picket/poison.h
WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wformat=2 -Wvla -Wundef -Wcast-qual \
	-Wwrite-strings -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wnull-dereference \
	-Wimplicit-fallthrough
# not among the flags below: turning it on recompiles nothing
WERR := $(if $(WERROR),-Werror)
CFLAGS := -std=gnu17 -g -O2 $(WARN) -ffunction-sections -fdata-sections "-ffile-prefix-map=$(CURDIR)=."
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
ifeq ($(ARCH),x86_64)
HARDEN += -fcf-protection
else ifeq ($(ARCH),aarch64)
CC := aarch64-linux-gnu-gcc
AR := aarch64-linux-gnu-gcc-ar
STRIP := aarch64-linux-gnu-strip
PKG_CONFIG := aarch64-linux-gnu-pkg-config
HARDEN += -mbranch-protection=standard
O := build/$(ARCH)-$(MODE)
BIN := $(O)
endif
PKG_CONFIG ?= pkg-config
LINK := -Wl,--gc-sections -Wl,--build-id=sha1

ifeq ($(MODE),release)
CFLAGS += $(HARDEN) -ftrivial-auto-var-init=zero -fPIE -DPK_STATIC
# what would load the host's code goes to lib/base/nohost.c
NOHOST := dlopen gethostbyname getservbyname getservbyport getpwnam getpwuid getgrnam getgrgid setlocale getaddrinfo \
	getnameinfo freeaddrinfo iconv_open nl_langinfo mktime magic_open magic_load magic_setflags magic_buffer magic_close
LINK += $(NOHOST:%=-Wl,--wrap=%)
LINK += -static-pie -Wl,-z,relro,-z,now,-z,noexecstack
else ifeq ($(MODE),debug)
CFLAGS += $(HARDEN) -O1 -fPIE
LINK += -pie
else ifeq ($(MODE),asan)
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS += $(SAN) -O1 -DPK_SANITIZED
LINK += $(SAN)
else ifeq ($(MODE),tsan)
SAN := -fsanitize=thread
CFLAGS += $(SAN) -O1 -DPK_SANITIZED
LINK += $(SAN)
else ifeq ($(MODE),fuzz)
SAN := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
CFLAGS += $(SAN) -O1 -DPK_SANITIZED
LINK += $(SAN)
else ifeq ($(MODE),cov)
CFLAGS += -O0 --coverage -DPK_SANITIZED
LINK += --coverage
else
$(error MODE=$(MODE) is not one of release, debug, asan, tsan, fuzz, cov)
endif

# pkg-config --static leaves out what yara and its libmagic need: the list is ours. The shared libyara does not export its
# stopwatch, which lib/scan needs: always the archive.
LIBS := -l:libyara.a -lmagic -larchive -lbz2 -llzma -lz -ljansson -lsqlite3 -lyaml -lzstd -lsodium -lcrypto -lm -lpthread

# --- what there is -----------------------------------------------------------------------------------
srcs = $(sort $(wildcard lib/$(1)/*.c))
LIBSRC := $(foreach m,$(MODULES),$(call srcs,$(m)))
TOOLSRC := $(sort $(wildcard tools/*.c tools/*/*.c))
obj = $(patsubst %.c,$(O)/%.o,$(1))
ARCHIVES := $(foreach m,$(MODULES),$(if $(call srcs,$(m)),$(O)/lib/$(m).a))
# most dependent first, as the linker wants them
LINKLIBS := $(foreach m,report casedb timeline collect scan live artifact bundle crypto base,$(filter $(O)/lib/$(m).a,$(ARCHIVES)))

.PHONY: all
all: ## the tools, into build/
all: $(addprefix $(BIN)/,$(TOOLS))

$(O)/%.o: %.c $(O)/flags
	$(say) CC $<
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WERR) -MMD -MP -c -o $@ $<

# These files are carried in every executable.
$(O)/lib/artifact/builtin.o: $(wildcard rules/artifacts/*)

define archive
$(O)/lib/$(1).a: $(call obj,$(call srcs,$(1)))
	$(say) AR $$@
	$(Q)rm -f $$@ && $(AR) rcsD $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call archive,$(m))))

# A tool is tools/NAME.c and whatever is in the folder named after it: tools/case/ for picket-case.
define tool
$(O)/$(1).full: $(call obj,tools/$(1).c $(sort $(wildcard tools/$(patsubst picket-%,%,$(1))/*.c))) $(LINKLIBS)
	$(say) LINK $$@
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) $(LIBS) -Wl,--end-group \
		2> $$(@:.full=.link) || { cat $$(@:.full=.link) >&2; false; }
	$(Q)cat $$(@:.full=.link) >&2
$(BIN)/$(1): $(O)/$(1).full
	$(Q)mkdir -p $$(dir $$@)
	$(Q)$(if $(filter release,$(MODE)),$(STRIP) -o $$@.tmp $$<,cp $$< $$@.tmp) && mv -f $$@.tmp $$@
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

# Recompile when the flags change.
$(O)/flags: FORCE
	$(Q)mkdir -p $(O)
	$(Q)printf '%s\n' '$(CC) $(subst ','\'',$(CPPFLAGS) $(CFLAGS) $(LINK))' | cmp -s - $@ || \
		printf '%s\n' '$(CC) $(subst ','\'',$(CPPFLAGS) $(CFLAGS) $(LINK))' > $@
.PHONY: FORCE
FORCE:

-include $(patsubst %.o,%.d,$(call obj,$(LIBSRC) $(TOOLSRC)))
$(O)/lib/casedb/case.o: lib/casedb/schema.sql
$(O)/lib/report/head.o: lib/report/report.css

# --- programs of tests: NAME.c is a program of its own, TAP on standard output ---------------------------
UNITS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/*.c)))
SANDBOXES := $(patsubst tests/sandbox/%.c,%,$(sort $(wildcard tests/sandbox/*.c)))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))

# $(1) folder below tests/, $(2) name, $(3) further flags of the link
define testprogram
$(O)/$(1)/$(2): $(O)/tests/$(1)/$(2).o $(LINKLIBS)
	$(say) LINK $$@
	$(Q)mkdir -p $$(dir $$@)
	$(Q)$(CC) $(CFLAGS) $(LINK) $(3) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) $(LIBS) -Wl,--end-group
endef
$(foreach t,$(UNITS),$(eval $(call testprogram,unit,$(t))))
$(foreach t,$(SANDBOXES),$(eval $(call testprogram,sandbox,$(t))))
$(foreach t,$(FUZZERS),$(eval $(call testprogram,fuzz,$(t),-fsanitize=fuzzer)))
-include $(patsubst %,$(O)/tests/unit/%.d,$(UNITS)) $(patsubst %,$(O)/tests/sandbox/%.d,$(SANDBOXES)) \
	$(patsubst %,$(O)/tests/fuzz/%.d,$(FUZZERS))

.PHONY: units sandboxes fuzzers fault npm
units: $(addprefix $(O)/unit/,$(UNITS))
sandboxes: $(addprefix $(O)/sandbox/,$(SANDBOXES))
ifeq ($(MODE),fuzz)
fuzzers: $(addprefix $(O)/fuzz/,$(FUZZERS))
else
fuzzers:
	@$(MAKE) --no-print-directory MODE=fuzz fuzzers
endif
fault: build/debug/fault.so
build/debug/fault.so: tests/fault/fault.c
	$(say) LINK $@
	$(Q)mkdir -p $(dir $@)
	$(Q)gcc -D_GNU_SOURCE -std=gnu17 -O1 -g $(WARN) -shared -fPIC -o $@ $< -ldl

# Test vectors and a second implementation of age, by name; nothing of them is part of Picket.
NPM := cctv-age age-encryption
npm: build/npm/done
build/npm/done:
	$(Q)mkdir -p build/npm
	npm install --prefix build/npm --no-save --no-audit --no-fund $(NPM)
	$(Q)touch $@

# --- packages: the one list --------------------------------------------------------------------------------
DEPS_BUILD := gcc libc6-dev binutils pkg-config libsodium-dev libssl-dev libzstd-dev libyara-dev libmagic-dev libarchive-dev \
	libbz2-dev liblzma-dev zlib1g-dev libjansson-dev libsqlite3-dev libyaml-dev
DEPS_TEST := git perl python3 clang-14 libclang-rt-14-dev llvm-14 clang-format-14 cppcheck shellcheck mandoc bats \
	strace valgrind openssh-client age minisign zstd xz-utils bzip2 libarchive-tools yara jq sqlite3 forensic-artifacts \
	debootstrap attr xxd procps openssl ca-certificates nodejs npm golang-go golang-golang-x-mod-dev

.PHONY: deps deps-demo deps-build
deps: ## install the Debian packages that build and tests need
	@./tests/deps.sh $(DEPS_BUILD) $(DEPS_TEST)
deps-demo: # the build's, and the stock tools that the demo checks a bundle with
	@./tests/deps.sh $(DEPS_BUILD) git age minisign zstd
deps-build: ## only those that the build needs
	@./tests/deps.sh $(DEPS_BUILD)

# --- checks ------------------------------------------------------------------------------------------------
export TOP := $(CURDIR)

.PHONY: check check-unit check-cli check-vectors check-sandbox check-layers check-static check-fuzz check-fault \
	check-docs check-lint check-asan check-repro check-parity check-arm64 check-rules-packages
check: deps ## all tests; the last line is "N passed, N failed, N skipped"
	@MAKE='$(MAKE)' ./tests/check.sh unit cli vectors sandbox layers static docs lint fuzz fault asan
check-unit: units ## unit tests of this MODE
	prove --nocolor -e '' $(addprefix $(O)/unit/,$(UNITS))
check-cli: all ## command-line tests of this MODE, T=tests/cli/x.bats for one file
	BIN="$(CURDIR)/$(BIN)" bats $(or $(T),tests/cli)
check-vectors check-sandbox check-static check-fuzz check-fault check-docs check-lint check-asan: check-%:
	@MAKE='$(MAKE)' ./tests/check.sh $*
check-layers: ## what each module stands on, by includes and by symbols
	@MAKE='$(MAKE)' ./tests/check.sh layers
check-repro: ## build in two folders, compare the tools
	@MAKE='$(MAKE)' ./tests/repro.sh
check-parity: all ## hits against stock yara's: 10,000 random conditions, system files (some minutes)
	@./tests/parity/run.sh
check-rules-packages: all ## our rules over some hundred Debian packages: no hit (half an hour, downloads 0.8 GB)
	@BIN="$(CURDIR)/$(BIN)" ./tests/rules/packages.sh
check-arm64: ## cross build and unit tests under qemu-user
	@MAKE='$(MAKE)' ./tests/arm64.sh

.PHONY: fuzz
fuzz: ## search with every fuzz target for FUZZ_SECONDS (60) each
	@FUZZ_RUNS=-1 FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) MAKE='$(MAKE)' ./tests/check.sh fuzz

.PHONY: lint format
SOURCES = $(LIBSRC) $(TOOLSRC) $(wildcard include/picket/*.h lib/*/*.h tools/*/*.h tests/*.h tests/*/*.c tests/*/*.h)
SCRIPTS = $(shell git ls-files '*.sh' .ci/run 2>/dev/null)
BATS = $(wildcard tests/*/*.bats tests/*/*.bash)
NEVER_FAILS = ^[[:space:]]*[^{]* && (\[\[? |is |cmp |diff |refused |finds )
lint: docs ## cppcheck, shellcheck, clang-format, mandoc
	shellcheck $(SCRIPTS)
	shellcheck --include=SC2314,SC2315 $(BATS)
	@if grep -nE '$(NEVER_FAILS)' $(BATS) | grep -vE ':[[:space:]]*if |\|\||&& (break|[a-z_]+=)'; then echo 'these checks cannot fail a test: give each its line'; exit 1; fi
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr \
		--suppressions-list=tests/cppcheck.txt -j 2 $(CPPFLAGS) lib tools
	mandoc -Tlint -W warning build/docs/man/*.1
	clang-format-14 --dry-run --Werror $(SOURCES)
format: ## lay out the C sources as .clang-format says
	clang-format-14 -i $(SOURCES)

# --- what people read and install --------------------------------------------------------------------------
DOCS := build/docs
PAGES := $(addprefix $(DOCS)/man/,$(addsuffix .1,$(TOOLS)))
COMPLETIONS := $(foreach t,$(TOOLS),$(DOCS)/bash/$(t) $(DOCS)/zsh/_$(t) $(DOCS)/fish/$(t).fish)

.PHONY: docs install demo bench dist help clean
docs: $(PAGES) $(COMPLETIONS) ## man pages and completions, into build/docs
$(DOCS)/man/%.1: build/% docs/man/%.mdoc docs/man/join.awk
	$(say) MAN $@
	$(Q)mkdir -p $(dir $@)
	$(Q)build/$* --dump=mdoc | awk -v prose=docs/man/$*.mdoc -v date="$$(LC_ALL=C date -u -d @$(SOURCE_DATE_EPOCH) '+%B %-d, %Y')" \
		-f docs/man/join.awk > $@
$(DOCS)/bash/%: build/%
	$(Q)mkdir -p $(dir $@)
	$(Q)build/$* --dump=bash > $@
$(DOCS)/zsh/_%: build/%
	$(Q)mkdir -p $(dir $@)
	$(Q)build/$* --dump=zsh > $@
$(DOCS)/fish/%.fish: build/%
	$(Q)mkdir -p $(dir $@)
	$(Q)build/$* --dump=fish > $@

PREFIX ?= /usr/local
install: all docs ## tools, man pages, completions and rules, below DESTDIR and PREFIX
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions" "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d" "$(DESTDIR)$(PREFIX)/share/picket"
	install -m 0755 $(addprefix build/,$(TOOLS)) "$(DESTDIR)$(PREFIX)/bin"
	install -m 0644 $(PAGES) "$(DESTDIR)$(PREFIX)/share/man/man1"
	install -m 0644 $(DOCS)/bash/* "$(DESTDIR)$(PREFIX)/share/bash-completion/completions"
	install -m 0644 $(DOCS)/zsh/* "$(DESTDIR)$(PREFIX)/share/zsh/site-functions"
	install -m 0644 $(DOCS)/fish/* "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	cp -R rules "$(DESTDIR)$(PREFIX)/share/picket/"

demo: deps-demo ## from missing packages to an opened case and its report
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@./demo/demo.sh
bench: all ## speed and memory against stock tools in the same run
	@BIN="$(CURDIR)/build" ./tests/bench/run.sh

dist: ## the sources of the current commit
	$(Q)mkdir -p build
	git archive --format=tar --prefix=picket-$(VERSION)/ HEAD | gzip -9n > build/picket-$(VERSION).tar.gz

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' Makefile
	@echo '  MODE=release|debug|asan|tsan|fuzz|cov   ARCH=x86_64|aarch64   WERROR=1   V=1'

clean: ## remove build/
	rm -rf build
