/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets by /proc/PID/net: for kernels without socket diagnostics, for kinds they do not know, and to compare. */
#include "sockets.h"

#include <netinet/in.h>

static const struct {
	const char *name;
	int family, protocol;
	unsigned type;
} kinds[LIVE_SOCK_KINDS] = {
	[LIVE_TCP] = {"tcp", AF_INET, IPPROTO_TCP, SOCK_STREAM},
	[LIVE_TCP6] = {"tcp6", AF_INET6, IPPROTO_TCP, SOCK_STREAM},
	[LIVE_UDP] = {"udp", AF_INET, IPPROTO_UDP, SOCK_DGRAM},
	[LIVE_UDP6] = {"udp6", AF_INET6, IPPROTO_UDP, SOCK_DGRAM},
	[LIVE_UDPLITE] = {"udplite", AF_INET, IPPROTO_UDPLITE, SOCK_DGRAM},
	[LIVE_UDPLITE6] = {"udplite6", AF_INET6, IPPROTO_UDPLITE, SOCK_DGRAM},
	[LIVE_RAW] = {"raw", AF_INET, IPPROTO_RAW, SOCK_RAW},
	[LIVE_RAW6] = {"raw6", AF_INET6, IPPROTO_RAW, SOCK_RAW},
	[LIVE_ICMP] = {"icmp", AF_INET, IPPROTO_ICMP, SOCK_DGRAM},
	[LIVE_ICMP6] = {"icmp6", AF_INET6, IPPROTO_ICMPV6, SOCK_DGRAM},
	[LIVE_UNIX] = {"unix", AF_UNIX, 0, 0},
	[LIVE_NETLINK] = {"netlink", AF_NETLINK, 0, SOCK_RAW},
	[LIVE_PACKET] = {"packet", AF_PACKET, 0, 0},
};

static bool parse_inet_line(struct pk_str line, enum live_sock_kind kind, struct live_socket *k)
{
	struct live_inet in;

	if (!live_parse_inet(line, kinds[kind].family == AF_INET6, &in))
		return false;
	k->state = in.state;
	k->inode = in.inode;
	k->uid = in.uid;
	k->rx_queue = in.rx_queue;
	k->tx_queue = in.tx_queue;
	k->local_port = in.local_port;
	k->remote_port = in.remote_port;
	memcpy(k->local, in.local, 16);
	memcpy(k->remote, in.remote, 16);
	if (kind == LIVE_RAW || kind == LIVE_RAW6) { /* its port is the protocol it listens to */
		k->protocol = in.local_port;
		k->local_port = 0;
	}
	return true;
}

static bool parse_unix_line(struct pk_str line, struct live_socket *k, struct pk_str *path)
{
	struct live_unix u;

	if (!live_parse_unix(line, &u) || u.type > 10)
		return false;
	k->inode = u.inode;
	k->type = (unsigned)u.type;
	k->state = u.flags & 0x10000 ? 10 : u.state == 3 ? 1 : 7;
	k->uid = UINT64_MAX;
	*path = u.path;
	return true;
}

/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
static bool parse_netlink_line(struct pk_str line, struct live_socket *k)
{
	struct pk_str f[10];
	uint64_t protocol, portid;

	for (size_t i = 0; i < PK_LEN(f); i++)
		if (!live_word(&line, &f[i]))
			return false;
	if (!live_u64(f[1], &protocol) || protocol > 255 || !live_u64(f[2], &portid) || portid > UINT32_MAX ||
	    !live_u64(f[9], &k->inode))
		return false;
	k->protocol = (int)protocol;
	k->local_port = (uint32_t)portid;
	k->uid = UINT64_MAX;
	return true;
}

/* sk RefCnt Type Proto Iface R Rmem User Inode */
static bool parse_packet_line(struct pk_str line, struct live_socket *k)
{
	struct pk_str f[9];
	uint64_t type, protocol, interface;

	for (size_t i = 0; i < PK_LEN(f); i++)
		if (!live_word(&line, &f[i]))
			return false;
	if (!live_u64(f[2], &type) || type > 10 || !live_hex(f[3], &protocol) || protocol > 0xffff ||
	    !live_u64(f[4], &interface) || interface > UINT32_MAX || !live_u64(f[7], &k->uid) ||
	    !live_u64(f[8], &k->inode))
		return false;
	k->type = (unsigned)type;
	k->protocol = (int)protocol;
	k->interface = (unsigned)interface;
	return true;
}

static int read_kind(struct pk_live_out *out, int net_fd, uint64_t netns, enum live_sock_kind kind,
		     struct live_sockets *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;
	unsigned odd = 0;
	bool cut = false;
	int e = live_read_at(net_fd, kinds[kind].name, PK_LIVE_MAX_FILE, &b, &cut);

	if (e == ENOENT)
		return 0; /* this kernel does not have the protocol */
	if (e || cut)
		pk_live_note(out, "network namespace %llu: 'net/%s': %s", (unsigned long long)netns, kinds[kind].name,
			     e ? strerror(e) : "larger than the limit, cut");
	rest = pk_buf_str(&b);
	(void)pk_str_line(&rest, &line); /* headings */
	while (pk_str_line(&rest, &line)) {
		struct live_socket k = {.netns = netns,
					.family = kinds[kind].family,
					.protocol = kinds[kind].protocol,
					.type = kinds[kind].type};
		struct pk_str path = PK_STR("");
		bool ok;

		if (kind == LIVE_UNIX)
			ok = parse_unix_line(line, &k, &path);
		else if (kind == LIVE_NETLINK)
			ok = parse_netlink_line(line, &k);
		else if (kind == LIVE_PACKET)
			ok = parse_packet_line(line, &k);
		else
			ok = parse_inet_line(line, kind, &k);
		odd += !ok;
		if (ok && live_sockets_add(ret, k, path, PK_STR(""), err) < 0)
			return -1;
	}
	if (odd)
		pk_live_note(out, "network namespace %llu: 'net/%s': %u lines are not understood",
			     (unsigned long long)netns, kinds[kind].name, odd);
	return 0;
}

int live_sockets_from_proc(struct pk_live_out *out, int net_fd, uint64_t netns, unsigned which,
			   struct live_sockets *ret, struct pk_err *err)
{
	for (enum live_sock_kind k = 0; k < LIVE_SOCK_KINDS; k++)
		if (which & 1u << k && read_kind(out, net_fd, netns, k, ret, err) < 0)
			return -1;
	return 0;
}
