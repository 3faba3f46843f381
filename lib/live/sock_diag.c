/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets by NETLINK_SOCK_DIAG: what the kernel knows, whatever /proc/net has been made to show. */
#include "sockets.h"

#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <unistd.h>

#define MAX_FILTER_BYTES (4096u * 8)

struct dump {
	struct live_sockets *to;
	uint64_t netns;
	int protocol; /* of an inet dump */
	struct pk_err *err;
};

static int take_inet(void *arg, const struct nlmsghdr *h)
{
	struct dump *d = arg;
	struct inet_diag_msg m;
	struct pk_str rest = live_nl_rest(h, 0);
	struct live_socket k = {.netns = d->netns, .protocol = d->protocol};

	if (rest.n < sizeof(m))
		return 0;
	memcpy(&m, rest.p, sizeof(m));
	k.family = m.idiag_family;
	k.type = d->protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	k.state = m.idiag_state;
	k.inode = m.idiag_inode;
	k.uid = m.idiag_uid;
	k.rx_queue = m.idiag_rqueue;
	k.tx_queue = m.idiag_wqueue;
	k.interface = m.id.idiag_if;
	k.local_port = ntohs(m.id.idiag_sport);
	k.remote_port = ntohs(m.id.idiag_dport);
	memcpy(k.local, m.id.idiag_src, 16);
	memcpy(k.remote, m.id.idiag_dst, 16);
	return live_sockets_add(d->to, k, PK_STR(""), PK_STR(""), d->err);
}

static int take_unix(void *arg, const struct nlmsghdr *h)
{
	struct dump *d = arg;
	struct unix_diag_msg m;
	struct pk_str rest = live_nl_rest(h, 0), path = PK_STR("");
	struct live_socket k = {.netns = d->netns, .family = AF_UNIX, .uid = UINT64_MAX};
	PK_AUTO(pk_buf) shown = {0};
	struct live_attr a;

	if (rest.n < sizeof(m))
		return 0;
	memcpy(&m, rest.p, sizeof(m));
	k.type = m.udiag_type;
	k.state = m.udiag_state;
	k.inode = m.udiag_ino;
	rest = live_nl_rest(h, sizeof(m));
	while (live_nl_attr(&rest, &a)) {
		uint32_t v = 0;

		if (a.value.n >= 4)
			memcpy(&v, a.value.p, 4);
		if (a.type == UNIX_DIAG_NAME)
			path = a.value;
		else if (a.type == UNIX_DIAG_PEER && a.value.n >= 4)
			k.peer_inode = v;
		else if (a.type == 7 /* UNIX_DIAG_UID */ && a.value.n >= 4)
			k.uid = v;
	}
	if (path.n && path.p[0] == 0) { /* abstract: shown as everywhere with '@' */
		pk_buf_put_c(&shown, '@');
		pk_buf_put(&shown, path.p + 1, path.n - 1);
		path = pk_buf_str(&shown);
	} else {
		path.n = pk_str_find(path, 0);
	}
	return live_sockets_add(d->to, k, path, PK_STR(""), d->err);
}

static int take_packet(void *arg, const struct nlmsghdr *h)
{
	struct dump *d = arg;
	struct packet_diag_msg m;
	struct pk_str rest = live_nl_rest(h, 0), filter = PK_STR("");
	struct live_socket k = {.netns = d->netns, .family = AF_PACKET, .uid = UINT64_MAX};
	struct packet_diag_info info;
	struct live_attr a;

	if (rest.n < sizeof(m))
		return 0;
	memcpy(&m, rest.p, sizeof(m));
	k.type = m.pdiag_type;
	k.protocol = m.pdiag_num;
	k.inode = m.pdiag_ino;
	rest = live_nl_rest(h, sizeof(m));
	while (live_nl_attr(&rest, &a)) {
		uint32_t v = 0;

		if (a.value.n >= 4)
			memcpy(&v, a.value.p, 4);
		if (a.type == PACKET_DIAG_UID && a.value.n >= 4)
			k.uid = v;
		else if (a.type == PACKET_DIAG_FILTER && a.value.n <= MAX_FILTER_BYTES)
			filter = a.value;
		else if (a.type == PACKET_DIAG_INFO && a.value.n >= sizeof(info)) {
			memcpy(&info, a.value.p, sizeof(info));
			k.interface = info.pdi_index;
		}
	}
	return live_sockets_add(d->to, k, PK_STR(""), filter, d->err);
}

static int take_netlink(void *arg, const struct nlmsghdr *h)
{
	struct dump *d = arg;
	struct netlink_diag_msg m;
	struct pk_str rest = live_nl_rest(h, 0);
	struct live_socket k = {.netns = d->netns, .family = AF_NETLINK, .uid = UINT64_MAX};

	if (rest.n < sizeof(m))
		return 0;
	memcpy(&m, rest.p, sizeof(m));
	k.type = m.ndiag_type;
	k.protocol = m.ndiag_protocol;
	k.state = m.ndiag_state;
	k.local_port = m.ndiag_portid;
	k.remote_port = m.ndiag_dst_portid;
	k.inode = m.ndiag_ino;
	return live_sockets_add(d->to, k, PK_STR(""), PK_STR(""), d->err);
}

static struct nlmsghdr dump_header(size_t n)
{
	return (struct nlmsghdr){.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + n),
				 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
				 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
}

static int dump_inet(int fd, struct dump *d, int family)
{
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 r;
	} q = {.r = {.sdiag_family = (uint8_t)family, .sdiag_protocol = (uint8_t)d->protocol, .idiag_states = ~0u}};

	q.h = dump_header(sizeof(q.r));
	return live_nl_dump(fd, &q, sizeof(q), take_inet, d);
}

static int dump_unix(int fd, struct dump *d)
{
	struct {
		struct nlmsghdr h;
		struct unix_diag_req r;
	} q = {.r = {.sdiag_family = AF_UNIX,
		     .udiag_states = ~0u,
		     .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | 0x40 /* UDIAG_SHOW_UID */}};

	q.h = dump_header(sizeof(q.r));
	return live_nl_dump(fd, &q, sizeof(q), take_unix, d);
}

static int dump_packet(int fd, struct dump *d)
{
	struct {
		struct nlmsghdr h;
		struct packet_diag_req r;
	} q = {.r = {.sdiag_family = AF_PACKET, .pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_FILTER}};

	q.h = dump_header(sizeof(q.r));
	return live_nl_dump(fd, &q, sizeof(q), take_packet, d);
}

static int dump_netlink(int fd, struct dump *d)
{
	struct {
		struct nlmsghdr h;
		struct netlink_diag_req r;
	} q = {.r = {.sdiag_family = AF_NETLINK, .sdiag_protocol = NDIAG_PROTO_ALL}};

	q.h = dump_header(sizeof(q.r));
	return live_nl_dump(fd, &q, sizeof(q), take_netlink, d);
}

/* A socket for each kind: an answer that comes late must not be taken for the next one's. */
static int dump_kind(struct dump *d, enum live_sock_kind kind)
{
	static const int protocols[] = {
		[LIVE_TCP] = IPPROTO_TCP,  [LIVE_TCP6] = IPPROTO_TCP,        [LIVE_UDP] = IPPROTO_UDP,
		[LIVE_UDP6] = IPPROTO_UDP, [LIVE_UDPLITE] = IPPROTO_UDPLITE, [LIVE_UDPLITE6] = IPPROTO_UDPLITE};
	pk_autoclose int fd = live_nl_open(NETLINK_SOCK_DIAG);

	if (fd < 0)
		return errno;
	switch (kind) {
	case LIVE_UNIX: return dump_unix(fd, d);
	case LIVE_PACKET: return dump_packet(fd, d);
	case LIVE_NETLINK: return dump_netlink(fd, d);
	case LIVE_RAW:
	case LIVE_RAW6:
	case LIVE_ICMP:
	case LIVE_ICMP6:
	case LIVE_SOCK_KINDS: return ENOENT;
	default: d->protocol = protocols[kind]; return dump_inet(fd, d, kind & 1 ? AF_INET6 : AF_INET);
	}
}

int live_sockets_from_diag(struct pk_live_out *out, uint64_t netns, unsigned *ret_done, struct live_sockets *ret,
			   struct pk_err *err)
{
	struct dump d = {.to = ret, .netns = netns, .err = err};

	*ret_done = 0;
	for (enum live_sock_kind k = 0; k < LIVE_SOCK_KINDS; k++) {
		size_t before = ret->n;
		int e = dump_kind(&d, k);

		if (e == EIO && err && err->kind != PK_ENONE)
			return -1;
		if (e == 0)
			*ret_done |= 1u << k;
		else
			ret->n = before; /* a dump that broke off is taken from /proc instead */
		if (e && e != ENOENT && e != EPROTONOSUPPORT && e != EINVAL && e != EOPNOTSUPP)
			pk_live_note(out, "network namespace %llu: socket diagnostics failed: %s",
				     (unsigned long long)netns, strerror(e));
	}
	return 0;
}
