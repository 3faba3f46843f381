/* SPDX-License-Identifier: Apache-2.0 */
/* Indicator sets while they are parsed and compiled: inside the IOC process only, but for the sections of the report,
 * which the other side reads too.
 *
 * Numbers of the report are little-endian. It is: u8 0, u32 sandbox level, sets, problems, then sections, each a u64
 * length and so many bytes, in the order of enum pk_ioc_section. */
#ifndef PICKET_SCAN_IOCSET_H
#define PICKET_SCAN_IOCSET_H

#include <picket/ioc.h>

enum pk_ioc_section {
	PK_IOC_SEC_TEXTS,      /* u32 length and bytes, one after the other; others refer by offset */
	PK_IOC_SEC_NOTES,      /* u32 set, i32 score, u32 description (a text, or PK_IOC_NONE) */
	PK_IOC_SEC_INDICATORS, /* u32 kind, u32 note, u32 text, u32 line */
	PK_IOC_SEC_RULES,      /* u32 set, u32 length, YARA source */
	PK_IOC_SEC_MD5,        /* hash, u32 note; sorted */
	PK_IOC_SEC_SHA1,
	PK_IOC_SEC_SHA256,
	PK_IOC_SEC_GOOD_MD5, /* of trusted sets */
	PK_IOC_SEC_GOOD_SHA1,
	PK_IOC_SEC_GOOD_SHA256,
	PK_IOC_SECTIONS
};
#define PK_IOC_NONE UINT32_MAX
#define PK_IOC_NOTE_SIZE 12u
#define PK_IOC_INDICATOR_SIZE 16u
#define PK_IOC_HASH_TABLES 3u
extern const uint8_t pk_ioc_digest_size[PK_IOC_HASH_TABLES]; /* 16, 20, 32 */

/** Sorts n records of `size` bytes by their first `key` bytes (at least 2, at most `size`). False: no memory. */
PK_NODISCARD bool pk_ioc_sort(void *records, size_t n, size_t size, size_t key);
/** The first of n sorted records whose first `key` bytes are not less than `want`; n when there is none. */
size_t pk_ioc_lower_bound(const void *records, size_t n, size_t size, const void *want, size_t key);

/* --- addresses (iocaddr.c) --------------------------------------------------------------------------- */

/** An IPv4 address is its mapped IPv6 one; prefix counts from there (24 is then 120). */
struct pk_ioc_net {
	uint8_t addr[16];
	uint8_t prefix; /* 128: one address */
};
/** Strict: a whole IPv4 or IPv6 address, or with `may_net` one with "/LENGTH" behind it. Bits past the prefix are
 * cleared. */
bool pk_ioc_net_parse(struct pk_str s, bool may_net, struct pk_ioc_net *ret);
bool pk_ioc_net_is_v4(const struct pk_ioc_net *net);
/** As RFC 5952 writes an address, without the prefix. */
void pk_ioc_net_put(struct pk_buf *b, const struct pk_ioc_net *net);

/* --- the sets under construction (iocset.c) ---------------------------------------------------------- */

struct pk_ioc_entry {
	uint32_t kind, note, line;
	uint32_t text; /* offset in texts: as shown */
	uint32_t
		match; /* offset in texts: what is looked for, a regular expression for FILENAME; PK_IOC_NONE: the text */
	uint32_t except;       /* the same for a false-positive pattern; PK_IOC_NONE: none */
	struct pk_ioc_net net; /* ADDRESS, NETWORK */
	bool bad;              /* libyara does not take it */
};
struct pk_ioc_build_set {
	uint32_t name; /* text */
	uint64_t indicators, not_evaluated;
	uint32_t messages;
	bool refused;
};
struct pk_ioc_build_problem {
	uint32_t set, text;
	uint64_t line;
};
/** Zero-initialise. Out of memory sticks in texts.oom. */
struct pk_ioc_build {
	struct pk_buf texts, notes, hashes[2 * PK_IOC_HASH_TABLES];
	struct pk_ioc_entry *entries;
	size_t entry_count, entry_cap;
	struct pk_ioc_build_set *sets;
	size_t set_count, set_cap;
	struct pk_ioc_build_problem *problems;
	size_t problem_count, problem_cap;
	uint64_t hash_count;
};
void pk_ioc_build_done(struct pk_ioc_build *b);
/** What is added from here on belongs to this set. */
void pk_ioc_build_begin(struct pk_ioc_build *b, struct pk_str name);
void pk_ioc_build_refuse(struct pk_ioc_build *b, const char *why);
/** Something of the present set that is not looked for. `counts`: how many entries that is. */
void pk_ioc_build_problem(struct pk_ioc_build *b, uint64_t line, uint64_t counts, const char *fmt, ...) PK_PRINTF(4, 5);
struct pk_str pk_ioc_build_text(const struct pk_ioc_build *b, uint32_t at);

/** What stands beside an indicator. */
struct pk_ioc_about {
	uint64_t line;
	int32_t score; /* or PK_IOC_NO_SCORE */
	struct pk_str description;
};
/** size: 16, 20 or 32. */
void pk_ioc_build_hash(struct pk_ioc_build *b, const uint8_t *hash, size_t size, bool good,
		       const struct pk_ioc_about *about);
/** A regular expression in Python's dialect, as far as YARA knows it. except: empty for none. */
void pk_ioc_build_filename(struct pk_ioc_build *b, struct pk_str regex, struct pk_str except,
			   const struct pk_ioc_about *about);
/** A name, or a path, that stands at the end of a path. */
void pk_ioc_build_name(struct pk_ioc_build *b, struct pk_str name, const struct pk_ioc_about *about);
/** A domain, address, network or URL, whichever it looks like; "[.]" and "hxxp" are undone. */
void pk_ioc_build_c2(struct pk_ioc_build *b, struct pk_str text, const struct pk_ioc_about *about);
/** KEYWORD, COMMAND or URL as it is. */
void pk_ioc_build_literal(struct pk_ioc_build *b, enum pk_ioc_kind kind, struct pk_str text,
			  const struct pk_ioc_about *about);
/** Whether a text would be taken by pk_ioc_build_c2. */
bool pk_ioc_looks_c2(struct pk_str text);
/** Sorts the hashes and appends the report but for its first five bytes; rules is the section of that name. */
PK_NODISCARD int pk_ioc_build_report(struct pk_ioc_build *b, const struct pk_buf *rules, struct pk_buf *report,
				     struct pk_err *err);

/* --- formats ----------------------------------------------------------------------------------------- */

/** Reads one set as its bytes come (ioclines.c). Zero-initialise; feed; end. */
struct pk_ioc_reader {
	struct pk_ioc_build *b;
	int format;                             /* private, as all below */
	bool decided, skipping, started, began; /* began: a line of the set was seen */
	uint64_t line;
	struct pk_buf pending, comment;
};
void pk_ioc_reader_begin(struct pk_ioc_reader *r, struct pk_ioc_build *b, struct pk_str name);
void pk_ioc_reader_feed(struct pk_ioc_reader *r, struct pk_str bytes);
void pk_ioc_reader_end(struct pk_ioc_reader *r);
void pk_ioc_reader_done(struct pk_ioc_reader *r);

/** A STIX 2 bundle or MISP event as the present set (iocjson.c). */
void pk_ioc_read_json(struct pk_ioc_build *b, struct pk_str text);
/** The one pattern of a STIX indicator (iocstix.c). False: *ret_why says what is not understood; nothing was added. */
bool pk_ioc_read_pattern(struct pk_ioc_build *b, struct pk_str pattern, const struct pk_ioc_about *about,
			 const char **ret_why);

/* --- what libyara is given (iocyara.c) --------------------------------------------------------------- */

/** The regular expression of a file name indicator in YARA's dialect, delimited, with its flags. */
void pk_ioc_put_regex(struct pk_buf *b, struct pk_str regex);
/** Appends the definitions of an entry's strings; every one is named NAME and a letter. `in_text`: for a text of a
 * table, otherwise for contents (UTF-16 too). */
void pk_ioc_put_strings(struct pk_buf *b, const struct pk_ioc_build *x, const struct pk_ioc_entry *e, const char *name,
			bool in_text);
/** Appends the rule that looks for entry number n in contents. */
void pk_ioc_put_rule(struct pk_buf *b, const struct pk_ioc_build *x, size_t n);
/** Whether a match of an entry at [at, at + n) of a text stands by itself there: evil.com in not-evil.com does not. */
bool pk_ioc_stands_alone(enum pk_ioc_kind kind, struct pk_str text, size_t at, size_t n);

#endif
