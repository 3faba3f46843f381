/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the IOC process, feeds it sets, and takes its report of them, as hostile as that may be. */
#include "iocclient.h"
#include "scan-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPORT_MAX ((uint64_t)12 << 30)
#define FEED_BYTES (256u << 10)
#define MAX_SETS 100000u

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

static int parse_lists(struct pk_ioc *ioc, struct pk_cur *c, struct pk_err *err)
{
	uint32_t n = pk_rd_le32(c);

	if (c->bad || n > MAX_SETS || !(ioc->sets = calloc((size_t)n + 1, sizeof(*ioc->sets))))
		return pk_ioc_bad_report(err);
	for (ioc->set_count = 0; ioc->set_count < n; ioc->set_count++) {
		struct pk_ioc_set *s = &ioc->sets[ioc->set_count];

		s->name.n = pk_rd_le32(c); /* an offset until the texts are known */
		s->indicators = pk_rd_le64(c);
		s->not_evaluated = pk_rd_le64(c);
		s->refused = pk_rd_u8(c) != 0;
	}
	n = pk_rd_le32(c);
	if (c->bad || n > (c->n - c->at) / 16 || !(ioc->problems = calloc((size_t)n + 1, sizeof(*ioc->problems))))
		return pk_ioc_bad_report(err);
	for (ioc->problem_count = 0; ioc->problem_count < n; ioc->problem_count++) {
		struct pk_ioc_problem *p = &ioc->problems[ioc->problem_count];

		p->set.n = pk_rd_le32(c);
		p->line = pk_rd_le64(c);
		p->text.n = pk_rd_le32(c);
		if (p->set.n >= ioc->set_count)
			return pk_ioc_bad_report(err);
	}
	return 0;
}

static int parse_report(struct pk_ioc *ioc, struct pk_err *err)
{
	struct pk_cur c = pk_cur(ioc->report.p, ioc->report.n);

	(void)pk_rd_u8(&c);
	if (parse_lists(ioc, &c, err) < 0)
		return -1;
	for (size_t i = 0; i < PK_IOC_SECTIONS; i++) {
		uint64_t n = pk_rd_le64(&c);

		if (n > c.n - c.at)
			return pk_ioc_bad_report(err);
		ioc->section[i] = pk_rd_bytes(&c, (size_t)n);
	}
	if (c.bad || c.at != c.n || ioc->section[PK_IOC_SEC_NOTES].n % PK_IOC_NOTE_SIZE != 0 ||
	    ioc->section[PK_IOC_SEC_INDICATORS].n % PK_IOC_INDICATOR_SIZE != 0)
		return pk_ioc_bad_report(err);
	for (size_t i = 0; i < PK_LEN(ioc->tables); i++) {
		size_t size = pk_ioc_digest_size[i % PK_IOC_HASH_TABLES] + 4u;
		struct pk_str bytes = ioc->section[PK_IOC_SEC_MD5 + i];

		if (bytes.n % size != 0)
			return pk_ioc_bad_report(err);
		ioc->tables[i] = (struct pk_ioc_table){(const uint8_t *)bytes.p, bytes.n / size};
	}
	for (size_t i = 0; i < ioc->set_count; i++)
		ioc->sets[i].name = pk_ioc_text_at(ioc, (uint32_t)ioc->sets[i].name.n);
	for (size_t i = 0; i < ioc->problem_count; i++) {
		ioc->problems[i].set = ioc->sets[ioc->problems[i].set.n].name;
		ioc->problems[i].text = pk_ioc_text_at(ioc, (uint32_t)ioc->problems[i].text.n);
	}
	return 0;
}

/* --- life --------------------------------------------------------------------------------------------- */

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
		pk_ioc_end_server(ioc);
	*ret = pk_steal(&ioc);
	return 0;
}
