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
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

CPPFLAGS := -D_GNU_SOURCE -DPK_VERSION='"$(VERSION)"' -Iinclude -include include/picket/poison.h
WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wformat=2 -Wvla -Wundef -Wcast-qual \
	-Wwrite-strings -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wnull-dereference \
	-Wimplicit-fallthrough
ifdef WERROR
WARN += -Werror
endif
CFLAGS := -std=gnu17 -g -O2 $(WARN) -ffunction-sections -fdata-sections "-ffile-prefix-map=$(CURDIR)=."
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
ifeq ($(ARCH),x86_64)
HARDEN += -fcf-protection
else ifeq ($(ARCH),aarch64)
CC := aarch64-linux-gnu-gcc
AR := aarch64-linux-gnu-gcc-ar
PKG_CONFIG := aarch64-linux-gnu-pkg-config
HARDEN += -mbranch-protection=standard
O := build/$(ARCH)-$(MODE)
BIN := $(O)
endif
PKG_CONFIG ?= pkg-config
LINK := -Wl,--gc-sections

ifeq ($(MODE),release)
CFLAGS += $(HARDEN) -ftrivial-auto-var-init=zero -fPIE
LINK += -static-pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--build-id=sha1
STATIC := --static
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
CFLAGS += -O0 --coverage
LINK += --coverage
else
$(error MODE=$(MODE) is not one of release, debug, asan, tsan, fuzz, cov)
endif

# What pkg-config leaves out of a static link: see docs/decisions.md.
LIBS_release := -larchive -lyara -lmagic -lbz2 -llzma -lz -ljansson -lsqlite3 -lyaml -lzstd -lsodium -lcrypto -lm
LIBS := $(LIBS_release) -lpthread

# --- what there is -----------------------------------------------------------------------------------
srcs = $(sort $(wildcard lib/$(1)/*.c))
LIBSRC := $(foreach m,$(MODULES),$(call srcs,$(m)))
TOOLSRC := $(sort $(wildcard tools/*.c tools/*/*.c))
obj = $(patsubst %.c,$(O)/%.o,$(1))
ARCHIVES := $(foreach m,$(MODULES),$(if $(call srcs,$(m)),$(O)/lib/$(m).a))
# most dependent first, as the linker wants them
LINKLIBS := $(foreach m,report casedb timeline collect scan live artifact bundle crypto base,$(filter $(O)/lib/$(m).a,$(ARCHIVES)))

.PHONY: all
all: $(addprefix $(BIN)/,$(TOOLS))

$(O)/%.o: %.c $(O)/flags
	$(say) CC $<
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(notdir $*)) -MMD -MP -c -o $@ $<

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
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $(LIBS)
$(BIN)/$(1): $(O)/$(1).full
	$(Q)mkdir -p $$(dir $$@)
	$(Q)$(if $(filter release,$(MODE)),strip -o $$@.tmp $$<,cp $$< $$@.tmp) && mv -f $$@.tmp $$@
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

# --- unit tests: tests/unit/NAME.c, each its own program, TAP on standard output ---------------------------
UNITS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/*.c)))
define unit
$(O)/unit/$(1): $(O)/tests/unit/$(1).o $(LINKLIBS)
	$(say) LINK $$@
	$(Q)mkdir -p $$(dir $$@)
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $(LIBS)
endef
$(foreach t,$(UNITS),$(eval $(call unit,$(t))))
-include $(patsubst %,$(O)/tests/unit/%.d,$(UNITS))
.PHONY: units
units: $(addprefix $(O)/unit/,$(UNITS))

.PHONY: check-unit
check-unit: units
	prove --nocolor -e '' $(addprefix $(O)/unit/,$(UNITS))

.PHONY: clean
clean:
	rm -rf build
