/* SPDX-License-Identifier: Apache-2.0 */
/* Finding what is left of an age file: every chunk that opens, and where the others should have been. */
#include "age_int.h"

#include <picket/msg.h>

#include <sodium.h>
#include <stdlib.h>

#define MAX_SEARCHES 3      /* for chunks that have moved: each may take some seconds */
#define MAX_GONE_CHUNKS 512 /* that may be missing in one place: 32 MiB */
#define WINDOW (3 * AGE_SEALED_CHUNK)

size_t pk_age_file_holes(const struct pk_age_file *f, const struct pk_age_hole **ret)
{
	*ret = f->hole;
	return f->holes;
}

bool pk_age_file_header_changed(const struct pk_age_file *f) { return f->header_changed; }

struct search {
	struct pk_age_file *f;
	uint64_t file_n;
	uint64_t at, index; /* where the next chunk is looked for, and its number */
	bool ended;         /* the final chunk was found */
	unsigned searches;
	const struct pk_events *ev;
};

/* Whether a chunk of this number is there. The last bytes of the file may be the final chunk, of any length. */
static int try_at(struct search *s, uint64_t at, uint64_t index, bool *ret, size_t *ret_n, bool *ret_last,
		  struct pk_err *err)
{
	struct pk_age_file *f = s->f;
	size_t want = (size_t)PK_MIN((uint64_t)AGE_SEALED_CHUNK, s->file_n - PK_MIN(s->file_n, at)), got = 0;

	*ret = false;
	if (want < AGE_TAG || (want == AGE_TAG && index > 0))
		return 0;
	f->have = UINT64_MAX;
	if (pk_pread_full(f->fd, f->sealed, want, at, &got, err) < 0)
		return -1;
	if (got != want)
		return 0;
	*ret_last = false;
	if (want == AGE_SEALED_CHUNK && age_chunk_open(&f->stream, index, false, f->sealed, want, f->plain)) {
		*ret = true;
	} else if (at + want == s->file_n && age_chunk_open(&f->stream, index, true, f->sealed, want, f->plain)) {
		*ret = true;
		*ret_last = true;
	}
	*ret_n = want;
	return 0;
}

static int take_chunk(struct search *s, uint64_t at, uint64_t index, size_t n, bool last, struct pk_err *err)
{
	struct pk_age_file *f = s->f;
	struct age_run *r = f->runs ? &f->run[f->runs - 1] : NULL;

	if (r && r->index + r->n == index && r->off + r->n * AGE_SEALED_CHUNK == at) {
		r->n++;
	} else {
		if (!pk_grow(&f->run, &f->runs_cap, f->runs + 1, sizeof(*f->run)))
			return pk_fail_oom(err);
		f->run[f->runs++] = (struct age_run){index, 1, at};
	}
	f->chunks = index + 1;
	f->size = index * PK_AGE_CHUNK + (n - AGE_TAG);
	s->ended = last;
	s->at = at + n;
	s->index = index + 1;
	return 0;
}

static int take_hole(struct search *s, uint64_t at, uint64_t index, struct pk_err *err)
{
	struct pk_age_file *f = s->f;

	if (!pk_grow(&f->hole, &f->holes_cap, f->holes + 1, sizeof(*f->hole)))
		return pk_fail_oom(err);
	f->hole[f->holes++] = (struct pk_age_hole){s->at, at - s->at, s->index * PK_AGE_CHUNK,
						   (index - s->index) * PK_AGE_CHUNK};
	return 0;
}

/* A place to go on at: *ret_found. */
struct found {
	bool yes, last;
	uint64_t at, index;
	size_t n;
};

static int look(struct search *s, uint64_t at, uint64_t index, struct found *ret, struct pk_err *err)
{
	if (at >= s->file_n || try_at(s, at, index, &ret->yes, &ret->n, &ret->last, err) < 0)
		return at >= s->file_n ? 0 : -1;
	ret->at = at;
	ret->index = index;
	return 0;
}

/* Bytes were changed and none moved: a later chunk is where it should be. */
static int look_in_place(struct search *s, struct found *ret, struct pk_err *err)
{
	for (uint64_t k = 1; !ret->yes && s->at + k * AGE_SEALED_CHUNK < s->file_n; k++) {
		if (look(s, s->at + k * AGE_SEALED_CHUNK, s->index + k, ret, err) < 0)
			return -1;
		pk_event_progress(s->ev, "searched", s->at + k * AGE_SEALED_CHUNK, s->file_n);
	}
	return 0;
}

/* Bytes are missing, or too many, somewhere in the chunk looked for: the next whole one begins within two chunks from
 * here, and has this or a later number. */
static int look_moved(struct search *s, struct found *ret, struct pk_err *err)
{
	pk_autofree uint8_t *window = malloc(WINDOW);
	size_t n = 0, at = 0;

	if (!window)
		return pk_fail_oom(err);
	if (pk_pread_full(s->f->fd, window, WINDOW, s->at, &n, err) < 0)
		return -1;
	for (uint64_t k = 0; !ret->yes && k <= MAX_GONE_CHUNKS; k++) {
		if (age_chunk_find(&s->f->stream, s->index + k, window, n, &at) &&
		    look(s, s->at + at, s->index + k, ret, err) < 0)
			return -1;
		pk_event_progress(s->ev, "searched for what moved", k, MAX_GONE_CHUNKS);
	}
	return 0;
}

static int search_all(struct search *s, struct pk_err *err)
{
	while (s->at < s->file_n && !s->ended) {
		struct found x = {0};

		if (look(s, s->at, s->index, &x, err) < 0)
			return -1;
		if (!x.yes && look_in_place(s, &x, err) < 0)
			return -1;
		if (!x.yes && s->file_n - s->at >= AGE_SEALED_CHUNK && s->searches++ < MAX_SEARCHES &&
		    look_moved(s, &x, err) < 0)
			return -1;
		if (!x.yes)
			break;
		if (x.at != s->at || x.index != s->index) {
			if (take_hole(s, x.at, x.index, err) < 0)
				return -1;
		}
		if (take_chunk(s, x.at, x.index, x.n, x.last, err) < 0)
			return -1;
		pk_event_progress(s->ev, "searched", s->at, s->file_n);
	}
	s->f->cut = !s->ended;
	/* what is left opens nothing: either the end is lost, or something strange follows it */
	if (s->at < s->file_n || !s->ended)
		return take_hole(s, s->file_n, s->index, err);
	return 0;
}

/* The file key, even where somebody changed another reader's part of the header: chunks that open prove it. */
static int open_header(struct pk_age_file *f, const struct pk_age_identities *ids, struct pk_err *err)
{
	PK_AUTO(age_source) src = {.fd = -1};
	PK_AUTO(age_header) h = {0};
	uint8_t key[AGE_FILE_KEY] = {0}, nonce[AGE_NONCE], mac[32];
	struct pk_err why = {0};
	bool match = false;
	size_t got = 0;
	int r;

	if (age_source_open_fd(&src, f->fd, true, err) < 0)
		return -1;
	if (src.armored)
		return AGE_HEADER_FAIL(err, "the file is armored: only a binary age file can be read at random");
	if (age_header_read(&h, &src, err) < 0 || age_identities_unwrap(ids, &h, &match, key, err) < 0)
		return -1;
	if (!match) /* words for it */
		return age_header_open(&h, ids, key, err);
	age_header_mac(mac, key, pk_str_n(h.text.p, h.mac_covers));
	f->header_changed = sodium_memcmp(mac, h.mac, sizeof(mac)) != 0;
	f->payload = h.text.n + AGE_NONCE;
	r = age_source_read_full(&src, nonce, sizeof(nonce), &got, &why);
	if (r == 0 && got < sizeof(nonce))
		r = pk_fail_code(&why, PK_ECRYPTO, PK_AGE_PAYLOAD, "the file ends in its nonce");
	if (r == 0)
		r = age_stream_init(&f->stream, key, nonce, &why);
	sodium_memzero(key, sizeof(key));
	if (r < 0 && err)
		*err = why;
	return r;
}

int pk_age_file_search(struct pk_age_file *f, const struct pk_events *ev, struct pk_err *err)
{
	struct search s = {.f = f, .at = f->payload, .ev = ev};
	struct pk_err local = {0};

	err = err ? err : &local;
	free(f->run);
	free(f->hole);
	f->run = NULL;
	f->hole = NULL;
	f->runs = f->runs_cap = f->holes = f->holes_cap = 0;
	f->chunks = f->size = 0;
	f->have = UINT64_MAX;
	if (pk_file_size(f->fd, &s.file_n, err) < 0 || search_all(&s, err) < 0)
		return -1;
	f->have = UINT64_MAX;
	if (!f->runs)
		return pk_fail_code(err, PK_ECRYPTO, PK_AGE_PAYLOAD, "nothing of the payload can be authenticated");
	return 0;
}

int pk_age_file_rescue(int fd, const struct pk_age_identities *ids, const struct pk_events *ev,
		       struct pk_age_file **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_file) f = NULL;
	struct pk_err local = {0};

	err = err ? err : &local;
	if (age_file_alloc(fd, &f, err) < 0 || open_header(f, ids, err) < 0 || pk_age_file_search(f, ev, err) < 0)
		return -1;
	*ret = pk_steal(&f);
	return 0;
}
