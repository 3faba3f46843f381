/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's side of the IOC process: its end, what is known of the sets, and hashes. What it said is checked as
 * hostile: it has parsed other people's files and the host's texts. */
#include "iocclient.h"
#include "scan-internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- life --------------------------------------------------------------------------------------------- */

void pk_ioc_batch_done(struct pk_ioc_batch *b)
{
	free(b->v);
	pk_buf_done(&b->texts);
}

void pk_ioc_end_server(struct pk_ioc *ioc)
{
	if (ioc->service >= 0)
		close(ioc->service);
	ioc->service = -1;
	if (ioc->server > 1) {
		kill(ioc->server, SIGKILL);
		while (waitpid(ioc->server, NULL, 0) < 0 && errno == EINTR)
			;
	}
	ioc->server = 0;
}

void pk_ioc_free(struct pk_ioc *ioc)
{
	if (!ioc)
		return;
	pk_ioc_end_server(ioc);
	if (ioc->shared)
		munmap(ioc->shared, PK_IOC_SHARED);
	free(ioc->sets);
	free(ioc->problems);
	pk_ioc_batch_done(&ioc->next);
	pk_ioc_batch_done(&ioc->sent);
	pk_buf_done(&ioc->report);
	free(ioc);
}

/* --- the report --------------------------------------------------------------------------------------- */

int pk_ioc_bad_report(struct pk_err *err)
{
	return pk_fail(err, PK_EFORMAT, 0, "the reader of indicators gave a malformed answer");
}

struct pk_str pk_ioc_text_at(const struct pk_ioc *ioc, uint32_t at)
{
	struct pk_str all = ioc->section[PK_IOC_SEC_TEXTS];
	struct pk_cur c = pk_cur(all.p, all.n);
	struct pk_str s;

	if (at >= all.n)
		return PK_STR("");
	c.at = at;
	s = pk_rd_counted(&c);
	return c.bad ? PK_STR("") : s;
}

/* --- what is known of the sets ------------------------------------------------------------------------ */

const struct pk_ioc_set *pk_ioc_sets(const struct pk_ioc *ioc, size_t *ret_n)
{
	*ret_n = ioc->set_count;
	return ioc->sets;
}

const struct pk_ioc_problem *pk_ioc_problems(const struct pk_ioc *ioc, size_t *ret_n)
{
	*ret_n = ioc->problem_count;
	return ioc->problems;
}

size_t pk_ioc_indicator_count(const struct pk_ioc *ioc)
{
	return ioc->section[PK_IOC_SEC_INDICATORS].n / PK_IOC_INDICATOR_SIZE;
}

void pk_ioc_counts(const struct pk_ioc *ioc, uint64_t *ret_hashes, uint64_t *ret_others)
{
	*ret_hashes = 0;
	for (size_t i = 0; i < PK_LEN(ioc->tables); i++)
		*ret_hashes += ioc->tables[i].n;
	*ret_others = pk_ioc_indicator_count(ioc);
}

bool pk_ioc_is_incomplete(const struct pk_ioc *ioc)
{
	for (size_t i = 0; i < ioc->set_count; i++)
		if (ioc->sets[i].refused || ioc->sets[i].not_evaluated > 0)
			return true;
	return ioc->told_lost;
}

bool pk_ioc_seeks(const struct pk_ioc *ioc)
{
	size_t n = pk_ioc_indicator_count(ioc);

	for (size_t i = 0; i < PK_IOC_HASH_TABLES; i++)
		n += ioc->tables[i].n;
	return n > 0;
}

bool pk_ioc_has_texts(const struct pk_ioc *ioc) { return pk_ioc_indicator_count(ioc) > 0; }

unsigned pk_ioc_needs(const struct pk_ioc *ioc)
{
	unsigned needs = 0;

	for (size_t i = 0; i < PK_LEN(ioc->tables); i++)
		if (ioc->tables[i].n > 0)
			needs |= 1u << i % PK_IOC_HASH_TABLES;
	return needs;
}

/* The set is the namespace; the source's name must be nobody else's. */
static int add_source(struct pk_rules *rules, struct pk_str set, struct pk_str source, struct pk_err *err)
{
	pk_autofree char *ns = pk_str_dup(set);
	PK_AUTO(pk_buf) name = {0};

	pk_buf_puts(&name, "ioc:");
	pk_buf_put_str(&name, set);
	if (!ns)
		return pk_fail_oom(err);
	return pk_buf_check(&name, err) < 0 ? -1 : pk_rules_add(rules, ns, name.p, source, err);
}

int pk_ioc_rules(const struct pk_ioc *ioc, struct pk_rules *rules, struct pk_err *err)
{
	static const char nothing[] = "private rule picket_ioc_nothing { condition: false }";
	struct pk_str all = ioc->section[PK_IOC_SEC_RULES];
	struct pk_cur c = pk_cur(all.p, all.n);

	while (c.at < c.n) {
		uint32_t set = pk_rd_le32(&c);
		struct pk_str source = pk_rd_counted(&c);

		if (c.bad || set >= ioc->set_count)
			return pk_ioc_bad_report(err);
		if (add_source(rules, ioc->sets[set].name, source, err) < 0)
			return -1;
	}
	return rules->n > 0 ? 0 : add_source(rules, PK_STR("indicators"), PK_STR(nothing), err);
}

/* --- hits --------------------------------------------------------------------------------------------- */

bool pk_ioc_fill_note(const struct pk_ioc *ioc, uint32_t note, struct pk_ioc_hit *hit)
{
	struct pk_str all = ioc->section[PK_IOC_SEC_NOTES];
	struct pk_cur c = pk_cur(all.p, all.n);
	uint32_t set, text;

	if (note >= all.n / PK_IOC_NOTE_SIZE)
		return false;
	c.at = (size_t)note * PK_IOC_NOTE_SIZE;
	set = pk_rd_le32(&c);
	hit->score = (int32_t)pk_rd_le32(&c);
	text = pk_rd_le32(&c);
	hit->description = text == PK_IOC_NONE ? PK_STR("") : pk_ioc_text_at(ioc, text);
	hit->set = set < ioc->set_count ? ioc->sets[set].name : PK_STR("");
	return set < ioc->set_count && (hit->score == PK_IOC_NO_SCORE || (hit->score >= -100 && hit->score <= 100));
}

static void find_in(const struct pk_ioc *ioc, size_t t, const uint8_t *digest, struct pk_ioc_hit *hits, size_t *n)
{
	static const char *const names[] = {"md5", "sha1", "sha256"};
	size_t key = pk_ioc_digest_size[t % PK_IOC_HASH_TABLES], size = key + 4;
	const struct pk_ioc_table *table = &ioc->tables[t];
	size_t i = pk_ioc_lower_bound(table->p, table->n, size, digest, key);

	for (; i < table->n && *n < PK_IOC_MAX_HASH_HITS && memcmp(table->p + i * size, digest, key) == 0; i++) {
		struct pk_ioc_hit *h = &hits[*n];
		struct pk_cur c = pk_cur(table->p + i * size + key, 4);
		PK_AUTO(pk_buf) hex = {0};

		*h = (struct pk_ioc_hit){.kind = PK_IOC_HASH,
					 .known_good = t >= PK_IOC_HASH_TABLES,
					 .where = pk_str(names[t % PK_IOC_HASH_TABLES])};
		if (!pk_ioc_fill_note(ioc, pk_rd_le32(&c), h))
			continue;
		pk_buf_put_hex(&hex, digest, key);
		if (hex.oom)
			return;
		memcpy(h->hex, hex.p, hex.n + 1);
		++*n;
	}
}

static void point_at_hex(struct pk_ioc_hit *hits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hits[i].indicator = pk_str(hits[i].hex);
}

size_t pk_ioc_find_digest(const struct pk_ioc *ioc, const void *digest, size_t size, struct pk_ioc_hit *hits)
{
	size_t n = 0;

	for (size_t t = 0; t < PK_LEN(ioc->tables); t++)
		if (pk_ioc_digest_size[t % PK_IOC_HASH_TABLES] == size)
			find_in(ioc, t, digest, hits, &n);
	point_at_hex(hits, n);
	return n;
}

size_t pk_ioc_find_hash(const struct pk_ioc *ioc, const struct pk_hashes *h, unsigned have, struct pk_ioc_hit *hits)
{
	const uint8_t *digests[] = {h->md5, h->sha1, h->sha256};
	size_t n = 0;

	for (size_t t = 0; t < PK_LEN(ioc->tables); t++)
		if (have & 1u << t % PK_IOC_HASH_TABLES)
			find_in(ioc, t, digests[t % PK_IOC_HASH_TABLES], hits, &n);
	point_at_hex(hits, n);
	return n;
}
