/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the kernel by netlink: dumps and attributes. */
#include "sockets.h"

#include <linux/netlink.h>
#include <sys/time.h>
#include <unistd.h>

#define RECEIVE_BYTES (256u << 10)
#define RECEIVE_TIMEOUT_S 2

int live_nl_open(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	struct timeval tv = {.tv_sec = RECEIVE_TIMEOUT_S};

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

/* 1: the dump is over, 0: more to come, else minus an errno. */
static int take(struct pk_str bytes, int (*each)(void *arg, const struct nlmsghdr *msg), void *arg)
{
	while (bytes.n >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const void *)bytes.p;
		size_t step;

		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > bytes.n)
			return -EBADMSG;
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			struct pk_str rest = live_nl_rest(h, 0);
			int e = EBADMSG;

			if (rest.n >= sizeof(e))
				memcpy(&e, rest.p, sizeof(e));
			return e < 0 ? e : e ? -EBADMSG : 1;
		}
		if (each(arg, h) < 0)
			return -EIO;
		step = NLMSG_ALIGN((size_t)h->nlmsg_len);
		if (step >= bytes.n)
			break;
		bytes = pk_str_n(bytes.p + step, bytes.n - step);
	}
	return 0;
}

int live_nl_dump(int fd, const void *request, size_t n, int (*each)(void *arg, const struct nlmsghdr *msg), void *arg)
{
	pk_autofree char *buf = malloc(RECEIVE_BYTES);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int r = 0;

	if (!buf)
		return ENOMEM;
	if (sendto(fd, request, n, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return errno;
	while (r == 0) {
		struct sockaddr_nl from = {0};
		socklen_t from_n = sizeof(from);
		ssize_t got = recvfrom(fd, buf, RECEIVE_BYTES, MSG_TRUNC, (struct sockaddr *)&from, &from_n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (from.nl_pid != 0)
			continue; /* not from the kernel */
		if (got == 0 || (size_t)got > RECEIVE_BYTES)
			return EMSGSIZE;
		r = take(pk_str_n(buf, (size_t)got), each, arg);
	}
	return r < 0 ? -r : 0;
}

struct pk_str live_nl_rest(const struct nlmsghdr *msg, size_t n)
{
	size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(n);

	if (msg->nlmsg_len <= head)
		return pk_str_n("", 0);
	return pk_str_n((const char *)msg + head, msg->nlmsg_len - head);
}

bool live_nl_attr(struct pk_str *rest, struct live_attr *ret)
{
	struct nlattr a;
	size_t step;

	if (rest->n < sizeof(a))
		return false;
	memcpy(&a, rest->p, sizeof(a));
	if (a.nla_len < sizeof(a) || a.nla_len > rest->n)
		return false;
	ret->type = a.nla_type & NLA_TYPE_MASK;
	ret->value = pk_str_n(rest->p + sizeof(a), a.nla_len - sizeof(a));
	step = PK_MIN((size_t)NLA_ALIGN(a.nla_len), rest->n);
	*rest = pk_str_n(rest->p + step, rest->n - step);
	return true;
}

bool live_nl_find(struct pk_str rest, unsigned type, struct pk_str *ret)
{
	struct live_attr a;

	while (live_nl_attr(&rest, &a))
		if (a.type == type) {
			*ret = a.value;
			return true;
		}
	return false;
}
