/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's side of the IOC process: starts and feeds it, keeps its report, asks and hears. What it says is checked
 * as hostile: it has parsed other people's files and the host's texts. */
#include "iocserve.h"
#include "iocset.h"
#include "scan-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <picket/time.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_MAX ((uint64_t)12 << 30)
#define FEED_BYTES (256u << 10)
#define ANSWER_MS 120000 /* for one batch */
#define MAX_SETS 100000u

struct table {
	const uint8_t *p;
	size_t n;
};
struct question {
	uint64_t id;
	uint8_t what;
	uint32_t at, n; /* in the texts */
};
/* Questions that go together. */
struct batch {
	struct question *v;
	size_t n, cap;
	struct pk_buf texts;
};

struct pk_ioc {
	const struct pk_events *events;
	pid_t server;
	int service; /* -1: lost, or not needed */
	uint8_t *shared;
	unsigned sandbox_level;
	struct pk_buf report; /* everything below points into it */
	struct pk_ioc_set *sets;
	size_t set_count;
	struct pk_ioc_problem *problems;
	size_t problem_count;
	struct pk_str section[PK_IOC_SECTIONS];
	struct table tables[2 * PK_IOC_HASH_TABLES];
	/* texts */
	int (*answer)(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err);
	void *ctx;
	struct batch next, sent; /* being filled; at the worker */
	uint32_t seq;
	bool told_lost;
};

/* --- life --------------------------------------------------------------------------------------------- */

static void batch_done(struct batch *b)
{
	free(b->v);
	pk_buf_done(&b->texts);
}

static void end_server(struct pk_ioc *ioc)
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
	end_server(ioc);
	if (ioc->shared)
		munmap(ioc->shared, PK_IOC_SHARED);
	free(ioc->sets);
	free(ioc->problems);
	batch_done(&ioc->next);
	batch_done(&ioc->sent);
	pk_buf_done(&ioc->report);
	free(ioc);
}

static int start(struct pk_ioc *ioc, const struct pk_ioc_params *p, int *ret_feed, struct pk_err *err)
{
	int feed[2], service[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, feed) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a socket for the indicators");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, service) < 0) {
		close(feed[0]);
		close(feed[1]);
		return pk_fail(err, PK_ESYS, errno, "cannot make a socket for the indicators");
	}
	*ret_feed = feed[0];
	ioc->service = service[0];
	ioc->server = fork();
	if (ioc->server == 0) {
		struct pk_ioc_server_params s = {feed[1], service[1], ioc->shared, p->sandbox};

		pk_ioc_server_main(&s);
	}
	close(feed[1]);
	close(service[1]);
	if (ioc->server < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot fork the reader of indicators");
	/* no process that is forked later may put questions into it */
	if (madvise(ioc->shared, PK_IOC_SHARED, MADV_DONTFORK) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot keep memory from being inherited");
	return 0;
}

/* --- feeding ------------------------------------------------------------------------------------------ */

static int send_all(int feed, const void *bytes, size_t n, struct pk_err *err)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t sent = send(feed, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EPIPE)
			return pk_fail(err, PK_EFORMAT, 0, "the reader of indicators died");
		if (sent < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot hand on indicators");
		p += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static int send_message(int feed, char what, struct pk_str bytes, struct pk_err *err)
{
	uint8_t head[5] = {(uint8_t)what, (uint8_t)bytes.n, (uint8_t)(bytes.n >> 8), (uint8_t)(bytes.n >> 16),
			   (uint8_t)(bytes.n >> 24)};

	if (send_all(feed, head, sizeof(head), err) < 0)
		return -1;
	return send_all(feed, bytes.p, bytes.n, err);
}

static int send_path(int feed, const char *path, struct pk_err *err)
{
	pk_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	pk_autofree char *bytes = malloc(FEED_BYTES);
	uint64_t total = 0;
	size_t got = 0;

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open indicators '%s'", path);
	if (!bytes)
		return pk_fail_oom(err);
	do {
		if (pk_read_full(fd, bytes, FEED_BYTES, &got, err) < 0)
			return pk_wrap(err, "indicators '%s'", path);
		total += got;
		if (total > PK_IOC_MAX_FILE)
			return pk_fail(err, PK_ELIMIT, 0, "indicators '%s': more than %llu GiB", path,
				       (unsigned long long)(PK_IOC_MAX_FILE >> 30));
		if (got > 0 && send_message(feed, 'D', pk_str_n(bytes, got), err) < 0)
			return pk_wrap(err, "indicators '%s'", path);
	} while (got == FEED_BYTES);
	return 0;
}

static int feed_all(int feed, const struct pk_ioc_files *files, struct pk_err *err)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct pk_ioc_file *f = &files->v[i];

		if (send_message(feed, 'F', pk_str(f->name), err) < 0)
			return -1;
		if (f->path) {
			if (send_path(feed, f->path, err) < 0)
				return -1;
			continue;
		}
		for (size_t at = 0; at < f->n; at += FEED_BYTES)
			if (send_message(feed, 'D', pk_str_n(f->data + at, PK_MIN(f->n - at, (size_t)FEED_BYTES)),
					 err) < 0)
				return -1;
	}
	return send_message(feed, 'G', (struct pk_str){0}, err);
}

/* --- the report --------------------------------------------------------------------------------------- */

static int read_report(struct pk_ioc *ioc, int feed, unsigned seconds, struct pk_err *err)
{
	uint8_t head[8];
	struct pk_cur c = pk_cur(head, sizeof(head));
	struct timeval patience = {.tv_sec = seconds};
	struct pk_err why = {0};
	size_t got = 0;
	uint64_t n;

	if (setsockopt(feed, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot hear the reader of indicators");
	if (pk_read_full(feed, head, sizeof(head), &got, &why) < 0)
		return pk_fail(err, PK_ELIMIT, 0, "the indicators were not read within %u s", seconds);
	n = pk_rd_le64(&c);
	if (got != sizeof(head) || n == 0)
		return pk_fail(err, PK_EFORMAT, 0, "the reader of indicators died");
	if (n > REPORT_MAX || n > SIZE_MAX / 2)
		return pk_fail(err, PK_ELIMIT, 0, "the indicators come to more than %llu GiB",
			       (unsigned long long)(REPORT_MAX >> 30));
	if (!pk_buf_room(&ioc->report, (size_t)n))
		return pk_fail_oom(err);
	if (pk_read_full(feed, ioc->report.p, (size_t)n, &got, &why) < 0 || got != n)
		return pk_fail(err, PK_EFORMAT, 0, "the reader of indicators died");
	ioc->report.n = got;
	if (ioc->report.p[0] == 1)
		return pk_fail(err, PK_EINTERNAL, 0, "indicators: %.*s", (int)PK_MIN(got - 1, (size_t)400),
			       ioc->report.p + 1);
	return 0;
}

static int bad_report(struct pk_err *err)
{
	return pk_fail(err, PK_EFORMAT, 0, "the reader of indicators gave a malformed answer");
}

/* "" for an offset that lies outside. */
static struct pk_str text_at(const struct pk_ioc *ioc, uint32_t at)
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

static int parse_lists(struct pk_ioc *ioc, struct pk_cur *c, struct pk_err *err)
{
	uint32_t n = pk_rd_le32(c);

	if (c->bad || n > MAX_SETS || !(ioc->sets = calloc((size_t)n + 1, sizeof(*ioc->sets))))
		return bad_report(err);
	for (ioc->set_count = 0; ioc->set_count < n; ioc->set_count++) {
		struct pk_ioc_set *s = &ioc->sets[ioc->set_count];

		s->name.n = pk_rd_le32(c); /* an offset until the texts are known */
		s->indicators = pk_rd_le64(c);
		s->not_evaluated = pk_rd_le64(c);
		s->refused = pk_rd_u8(c) != 0;
	}
	n = pk_rd_le32(c);
	if (c->bad || n > (c->n - c->at) / 16 || !(ioc->problems = calloc((size_t)n + 1, sizeof(*ioc->problems))))
		return bad_report(err);
	for (ioc->problem_count = 0; ioc->problem_count < n; ioc->problem_count++) {
		struct pk_ioc_problem *p = &ioc->problems[ioc->problem_count];

		p->set.n = pk_rd_le32(c);
		p->line = pk_rd_le64(c);
		p->text.n = pk_rd_le32(c);
		if (p->set.n >= ioc->set_count)
			return bad_report(err);
	}
	return 0;
}

static int parse_report(struct pk_ioc *ioc, struct pk_err *err)
{
	struct pk_cur c = pk_cur(ioc->report.p, ioc->report.n);

	(void)pk_rd_u8(&c);
	ioc->sandbox_level = pk_rd_le32(&c);
	if (parse_lists(ioc, &c, err) < 0)
		return -1;
	for (size_t i = 0; i < PK_IOC_SECTIONS; i++) {
		uint64_t n = pk_rd_le64(&c);

		if (n > c.n - c.at)
			return bad_report(err);
		ioc->section[i] = pk_rd_bytes(&c, (size_t)n);
	}
	if (c.bad || c.at != c.n || ioc->section[PK_IOC_SEC_NOTES].n % PK_IOC_NOTE_SIZE != 0 ||
	    ioc->section[PK_IOC_SEC_INDICATORS].n % PK_IOC_INDICATOR_SIZE != 0)
		return bad_report(err);
	for (size_t i = 0; i < PK_LEN(ioc->tables); i++) {
		size_t size = pk_ioc_digest_size[i % PK_IOC_HASH_TABLES] + 4u;
		struct pk_str bytes = ioc->section[PK_IOC_SEC_MD5 + i];

		if (bytes.n % size != 0)
			return bad_report(err);
		ioc->tables[i] = (struct table){(const uint8_t *)bytes.p, bytes.n / size};
	}
	for (size_t i = 0; i < ioc->set_count; i++)
		ioc->sets[i].name = text_at(ioc, (uint32_t)ioc->sets[i].name.n);
	for (size_t i = 0; i < ioc->problem_count; i++) {
		ioc->problems[i].set = ioc->sets[ioc->problems[i].set.n].name;
		ioc->problems[i].text = text_at(ioc, (uint32_t)ioc->problems[i].text.n);
	}
	return 0;
}

int pk_ioc_new(const struct pk_ioc_params *p, struct pk_ioc **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_ioc) ioc = calloc(1, sizeof(*ioc));
	pk_autoclose int feed = -1;
	struct pk_err why = {0};

	if (!ioc)
		return pk_fail_oom(err);
	ioc->events = p->events;
	ioc->service = -1;
	ioc->shared = mmap(NULL, PK_IOC_SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ioc->shared == MAP_FAILED) {
		ioc->shared = NULL;
		return pk_fail_oom(err);
	}
	if (start(ioc, p, &feed, err) < 0)
		return -1;
	/* a server that gave up says why, even when the feed broke over it */
	if (feed_all(feed, p->files, &why) < 0 && why.kind != PK_EFORMAT) {
		if (err)
			*err = why;
		return -1;
	}
	if (read_report(ioc, feed, p->load_seconds ? p->load_seconds : 300, err) < 0 || parse_report(ioc, err) < 0)
		return -1;
	if (!pk_ioc_has_texts(ioc))
		end_server(ioc);
	*ret = pk_steal(&ioc);
	return 0;
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

static size_t indicator_count(const struct pk_ioc *ioc)
{
	return ioc->section[PK_IOC_SEC_INDICATORS].n / PK_IOC_INDICATOR_SIZE;
}

void pk_ioc_counts(const struct pk_ioc *ioc, uint64_t *ret_hashes, uint64_t *ret_others)
{
	*ret_hashes = 0;
	for (size_t i = 0; i < PK_LEN(ioc->tables); i++)
		*ret_hashes += ioc->tables[i].n;
	*ret_others = indicator_count(ioc);
}

bool pk_ioc_is_incomplete(const struct pk_ioc *ioc)
{
	for (size_t i = 0; i < ioc->set_count; i++)
		if (ioc->sets[i].refused || ioc->sets[i].not_evaluated > 0)
			return true;
	return ioc->told_lost;
}

unsigned pk_ioc_sandbox_level(const struct pk_ioc *ioc) { return ioc->sandbox_level; }

bool pk_ioc_has_texts(const struct pk_ioc *ioc) { return indicator_count(ioc) > 0; }

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
			return bad_report(err);
		if (add_source(rules, ioc->sets[set].name, source, err) < 0)
			return -1;
	}
	return rules->n > 0 ? 0 : add_source(rules, PK_STR("indicators"), PK_STR(nothing), err);
}

/* --- hits --------------------------------------------------------------------------------------------- */

/* Fills set, score and description. False: there is no such note. */
static bool fill_note(const struct pk_ioc *ioc, uint32_t note, struct pk_ioc_hit *hit)
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
	hit->description = text == PK_IOC_NONE ? PK_STR("") : text_at(ioc, text);
	hit->set = set < ioc->set_count ? ioc->sets[set].name : PK_STR("");
	return set < ioc->set_count && (hit->score == PK_IOC_NO_SCORE || (hit->score >= -100 && hit->score <= 100));
}

static void find_in(const struct pk_ioc *ioc, size_t t, const uint8_t *digest, struct pk_ioc_hit *hits, size_t *n)
{
	static const char *const names[] = {"md5", "sha1", "sha256"};
	size_t key = pk_ioc_digest_size[t % PK_IOC_HASH_TABLES], size = key + 4;
	const struct table *table = &ioc->tables[t];
	size_t i = pk_ioc_lower_bound(table->p, table->n, size, digest, key);

	for (; i < table->n && *n < PK_IOC_MAX_HASH_HITS && memcmp(table->p + i * size, digest, key) == 0; i++) {
		struct pk_ioc_hit *h = &hits[*n];
		struct pk_cur c = pk_cur(table->p + i * size + key, 4);
		PK_AUTO(pk_buf) hex = {0};

		*h = (struct pk_ioc_hit){.kind = PK_IOC_HASH,
					 .known_good = t >= PK_IOC_HASH_TABLES,
					 .where = pk_str(names[t % PK_IOC_HASH_TABLES])};
		if (!fill_note(ioc, pk_rd_le32(&c), h))
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

/* --- asking ------------------------------------------------------------------------------------------- */

void pk_ioc_listen(struct pk_ioc *ioc, int (*answer)(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err),
		   void *ctx)
{
	ioc->answer = answer;
	ioc->ctx = ctx;
}

static int deliver(struct pk_ioc *ioc, const struct question *q, const struct pk_ioc_hit *hits, size_t n, bool more,
		   const char *why, struct pk_err *err)
{
	const struct pk_ioc_answer a = {.id = q->id, .hits = hits, .hit_count = n, .more = more, .why = why};

	return ioc->answer ? ioc->answer(ioc->ctx, &a, err) : 0;
}

static void lose(struct pk_ioc *ioc, const char *why)
{
	end_server(ioc);
	if (!ioc->told_lost)
		pk_event_warn(ioc->events, "names and texts are not compared with indicators any more: %s", why);
	ioc->told_lost = true;
}

static bool send_batch(struct pk_ioc *ioc, const struct question *v, size_t n, const char *texts)
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
	if (c->bad || indicator >= indicator_count(ioc) || ret->where.n == 0 || ret->where.n > PK_IOC_WHERE ||
	    ret->data.n > PK_IOC_MAX_EXCERPT || ret->data.n > ret->length || ret->length > length ||
	    ret->offset > length - ret->length || !pk_str_is_visible(ret->where))
		return false;
	i.at = (size_t)indicator * PK_IOC_INDICATOR_SIZE;
	kind = pk_rd_le32(&i);
	note = pk_rd_le32(&i);
	text = pk_rd_le32(&i);
	ret->line = pk_rd_le32(&i);
	ret->kind = (enum pk_ioc_kind)kind;
	ret->indicator = text_at(ioc, text);
	return kind > PK_IOC_HASH && kind < PK_IOC_KINDS && fill_note(ioc, note, ret);
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

static bool parse_answer(const struct pk_ioc *ioc, struct pk_cur *c, const struct question *v, size_t n,
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

static int deliver_all(struct pk_ioc *ioc, const struct question *v, size_t n, const struct replies *r, const char *why,
		       struct pk_err *err)
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
static int settle(struct pk_ioc *ioc, const struct question *v, size_t n, const char *texts, struct pk_err *err)
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

static void batch_reset(struct batch *b)
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
	struct batch full;

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
	struct question q = {.id = id, .what = (uint8_t)what};
	struct batch *b = &ioc->next;

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
