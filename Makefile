# Non-recursive, out-of-tree: `make CONF=release|asan|tsan|cov` builds into build/CONF.
# One archive per layer (base < db < core < feature < http, cli < main; domain and render beside),
# so a test links its own layer and those below, and a layer cannot quietly need a higher one.
CONF ?= release
B := build/$(CONF)
GEN := build/gen
CC := $(if $(filter fuzz,$(CONF)),clang,gcc)
AR := ar

WARN := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef -Wformat=2
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_tsan := -O1 -g -fsanitize=thread
CFLAGS_cov := -O0 -g --coverage
CFLAGS_fuzz := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-omit-frame-pointer \
	-Wno-format-nonliteral -Wno-string-concatenation # clang asks more than gcc
CFLAGS := -std=c17 -D_GNU_SOURCE $(WARN) $(CFLAGS_$(CONF)) -Isrc -I$(GEN) -MMD -MP
LDFLAGS := $(CFLAGS_$(CONF)) -Wl,-z,relro,-z,now
PKGS := libmicrohttpd sqlite3 json-c libcrypto libsodium xlsxwriter minizip expat libqrencode zlib
LIBS = $(shell pkg-config --libs $(PKGS)) -lpthread -lm

LAYERS := cli http feature render core domain db base
SRC = $(wildcard src/$(1)/*.c) $(wildcard src/$(1)/*/*.c)
OBJ = $(patsubst src/%.c,$(B)/src/%.o,$(call SRC,$(1))) $(patsubst $(GEN)/%.c,$(B)/gen/%.o,$(GENSRC_$(1)))
GENSRC_db := $(GEN)/sql/sql.c
GENSRC_http := $(GEN)/assets.c
GENSRC_base := $(GEN)/shipped.c
ARCHIVES := $(foreach l,$(LAYERS),$(B)/lib$(l).a)
ALLOBJ := $(foreach l,$(LAYERS),$(call OBJ,$(l))) $(B)/src/main.o

all: $(B)/zhian

$(B)/zhian: $(B)/src/main.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS)

define archive
$(B)/lib$(1).a: $(call OBJ,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(AR) rcs $$@ $$(filter %.o,$$^)
endef
$(foreach l,$(LAYERS),$(eval $(call archive,$(l))))

$(B)/src/%.o: src/%.c | $(GEN)/sql/sql.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
$(B)/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

# --- generated sources ---------------------------------------------------------------------------
$(GEN)/bin/%: tools/%.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O1 -g -o $@ $<
$(GEN)/bin/mksql: tools/sqllex.h tools/sqltables.h tools/sqlrules.h
SQLTEXT := $(sort $(wildcard src/sql/schema/*.sql)) $(sort $(wildcard src/sql/query/*.sql)) src/sql/merge.def
$(GEN)/sql/sql.h: $(GEN)/sql/sql.c ;
$(GEN)/sql/sql.c: $(GEN)/bin/mksql $(SQLTEXT) src/db/dialect.def
	@mkdir -p $(@D)
	$(GEN)/bin/mksql $(GEN)/sql $(SQLTEXT)
# The web UI (compressed) and the shipped definitions, inside the binary.
WEBDIST ?= web/dist
$(GEN)/bin/mkassets: tools/mkassets.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O1 -g -o $@ $< -lz -lbrotlienc
$(GEN)/assets.c: $(GEN)/bin/mkassets $(shell find $(WEBDIST) 2>/dev/null)
	@mkdir -p $(@D)
	$(GEN)/bin/mkassets web $@ $(WEBDIST)
$(GEN)/shipped.c: $(GEN)/bin/mkassets $(shell find data 2>/dev/null)
	@mkdir -p $(@D)
	$(GEN)/bin/mkassets data $@ data

# --- unit tests: tests/unit/LAYER/test_*.c link LAYER and the layers below ------------------------
BELOW_base := base
BELOW_db := db base
BELOW_domain := domain base
BELOW_render := render base
BELOW_core := core db domain base
BELOW_feature := feature render core domain db base
BELOW_http := http feature render core domain db base
BELOW_cli := cli http feature render core domain db base
TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*/test_*.c))
define unit
$(B)/tests/$(1)/%: tests/unit/$(1)/%.c $(foreach l,$(BELOW_$(1)),$(B)/lib$(l).a)
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$< -Wl,--start-group $(foreach l,$(BELOW_$(1)),$(B)/lib$(l).a) -Wl,--end-group $(LIBS) -lcmocka
endef
$(foreach l,$(LAYERS),$(eval $(call unit,$(l))))
tests: $(TESTS)

# --- properties: tests/prop/prop_X.c link everything but main ---------------------------------------
$(B)/prop/%: tests/prop/%.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS) -lcmocka

# --- coverage: CONF=cov build, unit tests run, a report by file ---------------------------------------
cov:
	$(MAKE) -s CONF=cov tests
	@for t in build/cov/tests/*/test_*; do case $$t in *.d | *.gc*) ;; *) $$t >/dev/null 2>&1 || echo "failed: $$t" ;; esac; done
	@for l in $(LAYERS); do gcov -n build/cov/src/$$l/*.gcda build/cov/src/$$l/*/*.gcda 2>/dev/null; done | \
		awk -F"'" '/^File .src/ { f = $$2 } /^Lines/ && f { sub("Lines executed:", ""); print $$0, f; f = "" }' | sort -n

# --- benches: bench/*.c link everything ------------------------------------------------------------
$(B)/bench/%: bench/%.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS)

# --- fuzz: fuzz/fuzz_X.c with libFuzzer (CONF=fuzz), or replaying its corpus (any configuration) ----
$(B)/fuzz/%: fuzz/%.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS)
$(B)/replay/%: fuzz/%.c fuzz/replay.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< fuzz/replay.c -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LIBS)
FUZZERS := $(patsubst fuzz/%.c,%,$(wildcard fuzz/fuzz_*.c))
replay: $(addprefix $(B)/replay/,$(FUZZERS))
	@for f in $(FUZZERS:fuzz_%=%); do echo "$$f"; $(B)/replay/fuzz_$$f fuzz/corpus/$$f || exit 1; done

clean:
	rm -rf build

.PHONY: all tests replay cov clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
