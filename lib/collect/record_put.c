/* SPDX-License-Identifier: Apache-2.0 */
/* The records that a collection puts: paths, and events of the run. */
#include "collect_priv.h"

#define VIA_BYTES 8192u /* of one record's part of the list */

struct pk_json record_begin(struct run *run)
{
	struct pk_json j = {.out = &run->fields};

	pk_buf_reset(&run->fields);
	pk_json_begin(&j, '{');
	return j;
}

int record_put(struct run *run, struct pk_json *j, char type, uint64_t *ret_leaf, struct pk_err *err)
{
	pk_json_end(j, '}');
	if (pk_json_check(j, err) < 0)
		return -1;
	return pk_seal_put(run->seal, type, pk_str_n(run->fields.p + 1, run->fields.n - 2), ret_leaf, err);
}

/* As many names as have room; returns how many. */
static size_t put_via(struct pk_json *j, const char *const *via, size_t n)
{
	size_t start = j->out->n, i = 0;

	if (!n)
		return 0;
	pk_json_key(j, "via");
	pk_json_begin(j, '[');
	for (; i < n && j->out->n - start < VIA_BYTES; i++)
		pk_json_z(j, via[i]);
	pk_json_end(j, ']');
	return i;
}

/* Puts the record, and what of `via` it had no room for in further ones. */
static int put_with_via(struct run *run, struct pk_json *j, const char *const *via, size_t from, size_t n,
			uint64_t *ret_leaf, struct pk_err *err)
{
	uint64_t of, leaf;

	if (record_put(run, j, 'm', &of, err) < 0)
		return -1;
	*ret_leaf = of;
	while (from < n) {
		struct pk_json more = record_begin(run);

		pk_json_kuint(&more, "more_of", of);
		from += put_via(&more, via + from, n - from);
		if (record_put(run, &more, 'm', &leaf, err) < 0)
			return -1;
	}
	return 0;
}

static void put_outcome(struct run *run, struct pk_json *j, enum pk_outcome outcome, const char *why)
{
	pk_json_kz(j, "outcome", pk_outcome_name(outcome));
	if (why && *why)
		pk_json_kbytes(j, "why", pk_str(why));
	run->sum->outcomes[outcome]++;
}

int put_path(struct run *run, const struct pk_snap *snap, const char *const *via, size_t via_n, enum pk_outcome outcome,
	     const char *why, uint64_t c, struct pk_err *err)
{
	struct pk_json j = record_begin(run);
	uint64_t leaf;
	size_t put;

	pk_snap_put_json(&j, snap);
	put = put_via(&j, via, via_n);
	put_outcome(run, &j, outcome, why);
	if (c != PK_LEAF_NONE)
		pk_json_kuint(&j, "c", c);
	if (put_with_via(run, &j, via, put, via_n, &leaf, err) < 0)
		return -1;
	return ioc_path(run, pk_buf_str(&snap->path), leaf, err);
}

int put_missing(struct run *run, struct pk_str path, const char *const *via, size_t via_n, enum pk_outcome outcome,
		const char *why, struct pk_err *err)
{
	struct pk_json j = record_begin(run);
	uint64_t leaf;
	size_t put;

	pk_json_kbytes(&j, "path", path);
	put = put_via(&j, via, via_n);
	put_outcome(run, &j, outcome, why);
	if (put_with_via(run, &j, via, put, via_n, &leaf, err) < 0)
		return -1;
	/* what is absent is what was asked for, not a name of this host */
	return outcome == PK_ABSENT ? 0 : ioc_path(run, path, leaf, err);
}

int put_event(struct run *run, const char *event, const char *key, struct pk_str value, const char *why,
	      struct pk_err *err)
{
	struct pk_json j = record_begin(run);
	uint64_t leaf;

	pk_json_kz(&j, "event", event);
	if (key)
		pk_json_kbytes(&j, key, value);
	if (why)
		pk_json_kbytes(&j, "why", pk_str(why));
	return record_put(run, &j, 'e', &leaf, err);
}
