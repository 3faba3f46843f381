/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the IOC process, batch by batch, and its answers, which are checked as hostile: it has parsed other
 * people's files and the host's texts. */
#include "iocclient.h"
#include "scan-internal.h"

#include <errno.h>
#include <picket/time.h>
#include <poll.h>
#include <sys/socket.h>

#define ANSWER_MS 120000 /* for one batch */

void pk_ioc_listen(struct pk_ioc *ioc, int (*answer)(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err),
		   void *ctx)
{
	ioc->answer = answer;
	ioc->ctx = ctx;
}

static int deliver(struct pk_ioc *ioc, const struct pk_ioc_question *q, const struct pk_ioc_hit *hits, size_t n,
		   bool more, const char *why, struct pk_err *err)
{
	const struct pk_ioc_answer a = {.id = q->id, .hits = hits, .hit_count = n, .more = more, .why = why};

	return ioc->answer ? ioc->answer(ioc->ctx, &a, err) : 0;
}

static void lose(struct pk_ioc *ioc, const char *why)
{
	pk_ioc_end_server(ioc);
	if (!ioc->told_lost)
		pk_event_warn(ioc->events, "names and texts are not compared with indicators any more: %s", why);
	ioc->told_lost = true;
}

static bool send_batch(struct pk_ioc *ioc, const struct pk_ioc_question *v, size_t n, const char *texts)
{
	PK_AUTO(pk_buf) packet = {0};
	uint8_t *at = ioc->shared;

	for (size_t i = 0; i < n; i++) {
		uint8_t head[5] = {v[i].what, (uint8_t)v[i].n, (uint8_t)(v[i].n >> 8), (uint8_t)(v[i].n >> 16),
				   (uint8_t)(v[i].n >> 24)};

		memcpy(at, head, sizeof(head));
		memcpy(at + sizeof(head), texts + v[i].at, v[i].n);
		at += sizeof(head) + v[i].n;
	}
	pk_put_u32(&packet, ++ioc->seq);
	pk_put_u32(&packet, (uint32_t)(at - ioc->shared));
	return !packet.oom && send(ioc->service, packet.p, packet.n, MSG_NOSIGNAL) == (ssize_t)packet.n;
}

/* The packet that answers the batch under way: its bytes; 0 when the worker died over it; -1 when all is lost. */
static ssize_t hear(struct pk_ioc *ioc, uint8_t *packet)
{
	uint64_t end = pk_time_mono_ns() + ANSWER_MS * 1000000ull;

	for (;;) {
		struct pollfd w = {.fd = ioc->service, .events = POLLIN};
		uint64_t now = pk_time_mono_ns();
		struct pk_cur c = pk_cur(packet, 5);
		ssize_t n;

		if (now >= end) {
			lose(ioc, "no answer in time");
			return -1;
		}
		if (poll(&w, 1, (int)PK_MIN((end - now) / 1000000 + 1, (uint64_t)1000)) <= 0)
			continue;
		n = recv(ioc->service, packet, PK_IOC_ANSWER, MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || n > (ssize_t)PK_IOC_ANSWER) {
			lose(ioc, "the process that compares them died");
			return -1;
		}
		if (n == 1 && packet[0] == 'D')
			return 0;
		if (n < 5 || pk_rd_u8(&c) != 'A') {
			lose(ioc, "a malformed answer");
			return -1;
		}
		if (pk_rd_le32(&c) == ioc->seq)
			return n;
		/* of a worker that died right after it: the question was asked again */
	}
}

/* One hit; the strings point into the packet. */
static bool read_hit(const struct pk_ioc *ioc, struct pk_cur *c, uint32_t length, struct pk_ioc_hit *ret)
{
	uint32_t indicator = pk_rd_le32(c), kind, note, text;
	struct pk_str all = ioc->section[PK_IOC_SEC_INDICATORS];
	struct pk_cur i = pk_cur(all.p, all.n);

	*ret = (struct pk_ioc_hit){0};
	ret->where = pk_rd_bytes(c, pk_rd_u8(c));
	ret->offset = pk_rd_le32(c);
	ret->length = pk_rd_le32(c);
	ret->data = pk_rd_bytes(c, pk_rd_u8(c));
	if (c->bad || indicator >= pk_ioc_indicator_count(ioc) || ret->where.n == 0 || ret->where.n > PK_IOC_WHERE ||
	    ret->data.n > PK_IOC_MAX_EXCERPT || ret->data.n > ret->length || ret->length > length ||
	    ret->offset > length - ret->length || !pk_str_is_visible(ret->where))
		return false;
	i.at = (size_t)indicator * PK_IOC_INDICATOR_SIZE;
	kind = pk_rd_le32(&i);
	note = pk_rd_le32(&i);
	text = pk_rd_le32(&i);
	ret->line = pk_rd_le32(&i);
	ret->kind = (enum pk_ioc_kind)kind;
	ret->indicator = pk_ioc_text_at(ioc, text);
	return kind > PK_IOC_HASH && kind < PK_IOC_KINDS && pk_ioc_fill_note(ioc, note, ret);
}

struct reply {
	uint32_t question;
	uint8_t flags;
	size_t first, n; /* hits */
};
struct replies {
	struct reply *v;
	size_t n, cap;
	struct pk_ioc_hit *hits;
	size_t hit_count, hit_cap;
};

static bool parse_answer(const struct pk_ioc *ioc, struct pk_cur *c, const struct pk_ioc_question *v, size_t n,
			 struct replies *r)
{
	while (c->at < c->n) {
		struct reply one = {.question = pk_rd_le32(c), .flags = pk_rd_u8(c), .first = r->hit_count};
		size_t low = pk_rd_u8(c), hits = low | (size_t)pk_rd_u8(c) << 8;

		if (c->bad || one.question >= n || (r->n > 0 && one.question <= r->v[r->n - 1].question) ||
		    hits > PK_IOC_MAX_HITS || !pk_grow(&r->v, &r->cap, r->n + 1, sizeof(*r->v)) ||
		    !pk_grow(&r->hits, &r->hit_cap, r->hit_count + hits, sizeof(*r->hits)))
			return false;
		for (size_t i = 0; i < hits; i++)
			if (!read_hit(ioc, c, v[one.question].n, &r->hits[r->hit_count++]))
				return false;
		one.n = hits;
		r->v[r->n++] = one;
	}
	return !c->bad;
}

static const char *why_of(uint8_t flags)
{
	return flags & PK_IOC_FLAG_FAILED ? "a regular expression gave up on it"
	       : flags & PK_IOC_FLAG_FORM ? "it is no row of a table"
					  : NULL;
}

static int deliver_all(struct pk_ioc *ioc, const struct pk_ioc_question *v, size_t n, const struct replies *r,
		       const char *why, struct pk_err *err)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		const struct reply *one = r && k < r->n && r->v[k].question == i ? &r->v[k++] : NULL;

		if (deliver(ioc, &v[i], one && one->n > 0 ? r->hits + one->first : NULL, one ? one->n : 0,
			    one && (one->flags & PK_IOC_FLAG_MORE), one ? why_of(one->flags) : why, err) < 0)
			return -1;
	}
	return 0;
}

/* Hears what became of a batch that was sent, and hands it on. When the worker died, each question is asked alone:
 * only the one that kills is lost. */
static int settle(struct pk_ioc *ioc, const struct pk_ioc_question *v, size_t n, const char *texts, struct pk_err *err)
{
	static uint8_t packet[PK_IOC_ANSWER];
	ssize_t got = hear(ioc, packet);
	struct replies r = {0};
	struct pk_cur c;
	int ret = 0;

	if (got > 0) {
		c = pk_cur(packet, (size_t)got);
		c.at = 5;
		if (!parse_answer(ioc, &c, v, n, &r)) {
			lose(ioc, "a malformed answer");
			got = -1;
		}
	}
	if (got > 0) {
		ret = deliver_all(ioc, v, n, &r, NULL, err);
	} else if (got < 0) {
		ret = deliver_all(ioc, v, n, NULL, "lost", err);
	} else if (n == 1) {
		ret = deliver_all(ioc, v, 1, NULL, "the process that compares died of it", err);
	} else {
		for (size_t i = 0; i < n && ret == 0; i++) {
			if (ioc->service >= 0 && !send_batch(ioc, &v[i], 1, texts))
				lose(ioc, "the process that compares them died");
			ret = ioc->service < 0 ? deliver_all(ioc, &v[i], 1, NULL, "lost", err)
					       : settle(ioc, &v[i], 1, texts, err);
		}
	}
	free(r.v);
	free(r.hits);
	return ret;
}

static void batch_reset(struct pk_ioc_batch *b)
{
	b->n = 0;
	pk_buf_reset(&b->texts);
}

static int settle_sent(struct pk_ioc *ioc, struct pk_err *err)
{
	int ret;

	if (ioc->sent.n == 0)
		return 0;
	ret = settle(ioc, ioc->sent.v, ioc->sent.n, ioc->sent.texts.p, err);
	batch_reset(&ioc->sent);
	return ret;
}

/* Sends what is queued; the worker is at it while the caller goes on. */
static int push(struct pk_ioc *ioc, struct pk_err *err)
{
	struct pk_ioc_batch full;

	if (settle_sent(ioc, err) < 0)
		return -1;
	if (ioc->next.n == 0)
		return 0;
	full = ioc->next;
	ioc->next = ioc->sent;
	ioc->sent = full;
	if (ioc->service >= 0 && !send_batch(ioc, full.v, full.n, full.texts.p))
		lose(ioc, "the process that compares them died");
	if (ioc->service < 0) {
		int ret = deliver_all(ioc, full.v, full.n, NULL, "lost", err);

		batch_reset(&ioc->sent);
		return ret;
	}
	return 0;
}

int pk_ioc_ask(struct pk_ioc *ioc, uint64_t id, enum pk_ioc_what what, struct pk_str text, struct pk_err *err)
{
	struct pk_ioc_question q = {.id = id, .what = (uint8_t)what};
	struct pk_ioc_batch *b = &ioc->next;

	if (text.n > PK_IOC_SHARED - 5) {
		if (push(ioc, err) < 0 || settle_sent(ioc, err) < 0)
			return -1;
		return deliver(ioc, &q, NULL, 0, false, "too long", err);
	}
	if (b->n > 0 && (b->n >= PK_IOC_BATCH || b->texts.n + text.n > PK_IOC_BATCH_BYTES) && push(ioc, err) < 0)
		return -1;
	b = &ioc->next;
	if (!pk_grow(&b->v, &b->cap, b->n + 1, sizeof(*b->v)))
		return pk_fail_oom(err);
	q.at = (uint32_t)b->texts.n;
	q.n = (uint32_t)text.n;
	pk_buf_put_str(&b->texts, text);
	if (pk_buf_check(&b->texts, err) < 0)
		return -1;
	b->v[b->n++] = q;
	return 0;
}

int pk_ioc_flush(struct pk_ioc *ioc, struct pk_err *err) { return push(ioc, err) < 0 ? -1 : settle_sent(ioc, err); }
