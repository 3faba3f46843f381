/* SPDX-License-Identifier: Apache-2.0 */
/* The texts that a ticket's note key signs: one after each segment, and the final checkpoint. */
#include "format.h"

#include <picket/note.h>

static int bad(struct pk_err *err, const char *what)
{
	return pk_fail(err, PK_EFORMAT, 0, "%s is not as it must be", what);
}

static void put_hash(struct pk_buf *b, const char *key, const uint8_t hash[32])
{
	pk_buf_puts(b, key);
	pk_buf_put_c(b, ' ');
	pk_buf_put_hex(b, hash, 32);
	pk_buf_put_c(b, '\n');
}

static void put_text(struct pk_buf *b, const struct pk_note_of *of, uint64_t size, const uint8_t root[32],
		     const struct pk_buf *more)
{
	PK_AUTO(pk_buf) origin = {0};
	PK_AUTO(pk_buf) ext = {0};
	struct pk_checkpoint c = {.size = size};

	if (of->ticket_sha256)
		put_hash(&ext, "ticket", of->ticket_sha256);
	pk_buf_put_str(&ext, pk_buf_str(more));
	pk_buf_put_origin(&origin, of->id);
	c.origin = pk_buf_str(&origin);
	c.extensions = pk_buf_str(&ext);
	memcpy(c.root, root, 32);
	pk_buf_put_checkpoint(b, &c);
	b->oom |= origin.oom | ext.oom | more->oom;
}

/* "KEY VALUE\n" off the front of *rest. */
static bool take(struct pk_str *rest, struct pk_str key, struct pk_str *ret)
{
	struct pk_str line = {0};

	if (!pk_str_line(rest, &line) || !pk_str_starts(line, key) || line.n < key.n + 1 || line.p[key.n] != ' ')
		return false;
	*ret = pk_str_n(line.p + key.n + 1, line.n - key.n - 1);
	return true;
}

static bool take_u64(struct pk_str *rest, struct pk_str key, uint64_t max, uint64_t *ret)
{
	struct pk_str v = {0};

	return take(rest, key, &v) && pk_str_u64(v, max, ret);
}

static bool take_hash(struct pk_str *rest, struct pk_str key, uint8_t ret[32])
{
	struct pk_str v = {0};

	return take(rest, key, &v) && pk_hex_decode(v, ret, 32);
}

/* Parsed, of this bundle and ticket, and written again the same: there is one form only. */
static int parse_text(struct pk_str text, const struct pk_note_of *of, struct pk_checkpoint *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) origin = {0};
	uint8_t ticket[32];

	if (text.n > PK_MAX_NOTE_TEXT)
		return pk_fail(err, PK_ELIMIT, 0, "note is longer than %u bytes", PK_MAX_NOTE_TEXT);
	if (pk_checkpoint_parse(text, ret, err) < 0)
		return -1;
	pk_buf_put_origin(&origin, of->id);
	if (pk_buf_check(&origin, err) < 0)
		return -1;
	if (!pk_str_eq(ret->origin, pk_buf_str(&origin)))
		return pk_fail(err, PK_EFORMAT, 0, "note is of another bundle");
	if (!of->ticket_sha256)
		return 0;
	if (!take_hash(&ret->extensions, PK_STR("ticket"), ticket))
		return pk_fail(err, PK_EFORMAT, 0, "note names no ticket");
	if (memcmp(ticket, of->ticket_sha256, sizeof(ticket)) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "note was signed under another ticket");
	return 0;
}

void pk_buf_put_segment_note(struct pk_buf *b, const struct pk_note_of *of, const struct pk_segment_note *n)
{
	PK_AUTO(pk_buf) ext = {0};

	pk_buf_putf(&ext, "segment %u\nfirst %llu\n", n->segment, (unsigned long long)n->first);
	for (unsigned i = 0; i < n->before.n; i++)
		put_hash(&ext, "frontier", n->before.node[i]);
	put_text(b, of, n->size, n->root, &ext);
}

int pk_segment_note_parse(struct pk_str text, const struct pk_note_of *of, struct pk_segment_note *ret,
			  struct pk_err *err)
{
	PK_AUTO(pk_buf) again = {0};
	struct pk_checkpoint c = {0};
	struct pk_segment_note n = {0};
	struct pk_str rest;
	uint64_t segment = 0;

	if (parse_text(text, of, &c, err) < 0)
		return -1;
	n.size = c.size;
	memcpy(n.root, c.root, 32);
	rest = c.extensions;
	if (!take_u64(&rest, PK_STR("segment"), PK_MAX_SEGMENTS, &segment) ||
	    !take_u64(&rest, PK_STR("first"), c.size, &n.first))
		return bad(err, "segment note");
	n.segment = (uint32_t)segment;
	n.before.size = n.first;
	n.before.n = (unsigned)__builtin_popcountll(n.first);
	for (unsigned i = 0; i < n.before.n; i++) {
		if (!take_hash(&rest, PK_STR("frontier"), n.before.node[i]))
			return bad(err, "segment note");
	}
	pk_buf_put_segment_note(&again, of, &n);
	if (pk_buf_check(&again, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&again), text) || n.first >= n.size)
		return bad(err, "segment note");
	*ret = n;
	return 0;
}

void pk_buf_put_final(struct pk_buf *b, const struct pk_note_of *of, const struct pk_final *f)
{
	PK_AUTO(pk_buf) ext = {0};

	pk_buf_putf(&ext, "segments %u\ncontents %llu\n", f->segments, (unsigned long long)f->contents);
	put_hash(&ext, "manifest", f->manifest);
	put_hash(&ext, "tagmanifest", f->tagmanifest);
	put_text(b, of, f->size, f->root, &ext);
}

int pk_final_parse(struct pk_str text, const struct pk_note_of *of, struct pk_final *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) again = {0};
	struct pk_checkpoint c = {0};
	struct pk_final f = {0};
	struct pk_str rest;
	uint64_t segments = 0;

	if (parse_text(text, of, &c, err) < 0)
		return -1;
	f.size = c.size;
	memcpy(f.root, c.root, 32);
	rest = c.extensions;
	if (!take_u64(&rest, PK_STR("segments"), PK_MAX_SEGMENTS, &segments) ||
	    !take_u64(&rest, PK_STR("contents"), c.size, &f.contents) ||
	    !take_hash(&rest, PK_STR("manifest"), f.manifest) ||
	    !take_hash(&rest, PK_STR("tagmanifest"), f.tagmanifest))
		return bad(err, "checkpoint");
	f.segments = (uint32_t)segments;
	pk_buf_put_final(&again, of, &f);
	if (pk_buf_check(&again, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&again), text))
		return bad(err, "checkpoint");
	*ret = f;
	return 0;
}
