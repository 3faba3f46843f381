/* SPDX-License-Identifier: Apache-2.0 */
/* The pool's talk with its zygote about parts of the rules: when they pay, where they come from, what is kept of them. */
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <picket/time.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Work of one class after which compiling rules for it pays, and after which loading them does. */
#define COMPILE_ITEMS 400
#define COMPILE_BYTES (32u << 20)
#define LOAD_ITEMS 24
#define LOAD_BYTES (4u << 20)
#define SAVE_MS 10000 /* for the zygote to write them */
#define NS 1000000000u

bool pk_pool_ask(const struct pk_scanpool *p, char letter, unsigned cls, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	uint8_t bytes[2] = {(uint8_t)letter, (uint8_t)cls};
	struct iovec v = {bytes, sizeof(bytes)};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *h = (struct cmsghdr *)(void *)control;

		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	}
	return sendmsg(p->control, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(bytes);
}

bool pk_pool_awaits_part(const struct pk_scanpool *p)
{
	for (unsigned i = 1; i < PK_SCAN_CLASSES; i++)
		if (p->cls[i].part == PK_PART_AWAITED)
			return true;
	return false;
}

uint32_t pk_pool_hear_zygote(struct pk_scanpool *p)
{
	uint8_t answer[8] = {0};
	struct pk_cur cur = pk_cur(answer, 4);
	ssize_t n = recv(p->control, answer, sizeof(answer), MSG_DONTWAIT);
	uint32_t value = n == 4 ? pk_rd_le32(&cur) : 0;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		/* it is gone: nothing is to be expected of it any more */
		for (unsigned i = 1; i < PK_SCAN_CLASSES; i++)
			p->cls[i].part = PK_PART_READY;
		return 0;
	}
	if (value <= PK_SCAN_PART_READY || value >= PK_SCAN_PART_READY + PK_SCAN_CLASSES)
		return value;
	p->cls[value - PK_SCAN_PART_READY].part = PK_PART_READY;
	for (size_t i = 0; i < p->child_count; i++)
		p->child[i].stale = true;
	return 0;
}

/* Hands what the cache has to the zygote, where nobody can change it any more. */
static bool hand_over(const struct pk_scanpool *p, unsigned cls)
{
	PK_AUTO(pk_buf) store = {0};
	struct pk_str bytes = {0};
	pk_autoclose int fd = -1;

	if (!pk_rulecache_get(p->cache, cls, &store, &bytes))
		return false;
	fd = memfd_create("rules", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd >= 0 && pk_write_full(fd, bytes.p, bytes.n, NULL) == 0 &&
	       fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 &&
	       pk_pool_ask(p, PK_SCAN_ASK_LOAD, cls, fd);
}

static void want_part(struct pk_scanpool *p, unsigned cls, bool may_compile)
{
	struct pk_poolclass *c = &p->cls[cls];

	if (p->cache && hand_over(p, cls)) {
		c->part = PK_PART_AWAITED;
	} else if (may_compile) {
		c->to_save = p->cache != NULL;
		c->part = pk_pool_ask(p, PK_SCAN_ASK_PART, cls, -1) ? PK_PART_AWAITED : PK_PART_NONE;
	}
}

static bool item_is_mz(const struct pk_scanpool *p, const struct pk_scan_item *item)
{
	uint8_t head[2] = {0};

	if (item->fd < 0)
		return pk_scan_is_mz(p->slots->base + item->offset, item->length);
	return pread(item->fd, head, sizeof(head), 0) == sizeof(head) && pk_scan_is_mz(head, sizeof(head));
}

void pk_pool_count_item(struct pk_scanpool *p, const struct pk_scan_item *item)
{
	unsigned cls = pk_scan_class(item_is_mz(p, item), item->length);
	struct pk_poolclass *c = &p->cls[cls];
	bool may_load, may_compile;

	if (cls == 0 || c->part != PK_PART_NONE || p->partition == PK_PARTITION_NEVER)
		return;
	c->items++;
	c->bytes += item->length;
	may_compile = c->items >= COMPILE_ITEMS || c->bytes >= COMPILE_BYTES;
	/* the cache is looked at when its turn comes, and once more where the alternative is to compile */
	may_load = p->cache &&
		   (c->items == LOAD_ITEMS || (c->bytes >= LOAD_BYTES && c->bytes - item->length < LOAD_BYTES));
	if (may_compile || may_load)
		want_part(p, cls, may_compile);
}

void pk_pool_make_all_parts(struct pk_scanpool *p)
{
	uint64_t end = pk_time_mono_ns() + (uint64_t)p->compile_seconds * NS;

	if (p->partition != PK_PARTITION_ALWAYS)
		return;
	for (unsigned i = 1; i < PK_SCAN_CLASSES; i++)
		want_part(p, i, true);
	while (pk_pool_awaits_part(p) && pk_time_mono_ns() < end) {
		struct pollfd w = {.fd = p->control, .events = POLLIN};

		if (poll(&w, 1, 1000) == 1)
			(void)pk_pool_hear_zygote(p);
	}
}

/* Reads a pipe to its end, with patience for SAVE_MS. */
static bool read_pipe(int fd, struct pk_buf *b)
{
	uint64_t end = pk_time_mono_ns() + SAVE_MS * (uint64_t)1000000;

	for (;;) {
		struct pollfd w = {.fd = fd, .events = POLLIN};
		uint64_t now = pk_time_mono_ns();
		char *room = pk_buf_room(b, 1 << 20);
		ssize_t n;

		if (!room || now >= end || b->n > PK_SCAN_REPORT_MAX)
			return false;
		if (poll(&w, 1, (int)((end - now) / 1000000 + 1)) <= 0)
			continue;
		n = read(fd, room, 1 << 20);
		if (n <= 0)
			return n == 0;
		b->n += (size_t)n;
	}
}

static void save_class(struct pk_scanpool *p, unsigned cls)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_err why = {0};
	int ends[2];
	bool good;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	if (cls == 0) {
		pk_put_u64(&b, p->kept_report.n);
		pk_buf_put_str(&b, pk_buf_str(&p->kept_report));
	}
	good = pk_pool_ask(p, PK_SCAN_ASK_SAVE, cls, ends[1]);
	close(ends[1]);
	good = good && read_pipe(ends[0], &b) && !b.oom;
	close(ends[0]);
	if (good && pk_rulecache_put(p->cache, cls, pk_buf_str(&b), &why) < 0)
		pk_event_warn(p->events, "compiled rules are not kept: %s", why.msg);
}

void pk_pool_save(struct pk_scanpool *p)
{
	/* a file may be broken for want of memory alone: next time it need not be */
	if (!p->cache || p->set.broken_count > 0)
		return;
	for (unsigned i = 0; i < PK_SCAN_CLASSES; i++)
		if (p->cls[i].to_save && (i == 0 || p->cls[i].part == PK_PART_READY))
			save_class(p, i);
}
