/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `interface_details`, `interface_addresses`, `routes` and `arp_cache`: RTNETLINK in every network
 * namespace. */
#include "sockets.h"
#include "tables.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

/* --- one message kept for sorting ---------------------------------------------------------------------------- */

struct entry {
	char *raw; /* a whole message */
	size_t n;
};
struct entries {
	struct entry *v;
	size_t n, cap, bytes;
};

static void entries_done(struct entries *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].raw);
	free(l->v);
}
#define AUTO_ENTRIES __attribute__((cleanup(entries_done))) struct entries

static int keep(void *arg, const struct nlmsghdr *h)
{
	struct entries *l = arg;
	char *copy;

	if (l->n >= PK_LIVE_MAX_ITEMS || l->bytes + h->nlmsg_len > PK_LIVE_MAX_FILE ||
	    !pk_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v)))
		return -1;
	copy = malloc(h->nlmsg_len);
	if (!copy)
		return -1;
	memcpy(copy, h, h->nlmsg_len);
	l->bytes += h->nlmsg_len;
	l->v[l->n++] = (struct entry){copy, h->nlmsg_len};
	return 0;
}

/* By contents: any order will do that is the same each time. The header holds a sequence number, left out. */
static int by_bytes(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return pk_str_cmp(pk_str_n(x->raw + NLMSG_HDRLEN, x->n - NLMSG_HDRLEN),
			  pk_str_n(y->raw + NLMSG_HDRLEN, y->n - NLMSG_HDRLEN));
}

static void dump(struct pk_live_out *out, const struct live_netns_at *at, int type, struct entries *ret)
{
	pk_autoclose int fd = live_nl_open(NETLINK_ROUTE);
	struct {
		struct nlmsghdr h;
		char zero[32]; /* ifinfomsg, ifaddrmsg, rtmsg, ndmsg: all families */
	} q = {.h = {.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_type = (uint16_t)type}};
	size_t n = type == RTM_GETLINK    ? sizeof(struct ifinfomsg)
		   : type == RTM_GETADDR  ? sizeof(struct ifaddrmsg)
		   : type == RTM_GETROUTE ? sizeof(struct rtmsg)
					  : sizeof(struct ndmsg);
	int e;

	q.h.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + n);
	e = fd < 0 ? errno : live_nl_dump(fd, &q, q.h.nlmsg_len, keep, ret);
	if (e)
		pk_live_note(out, "network namespace %llu: the kernel's answer broke off: %s",
			     (unsigned long long)at->inode, strerror(e));
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_bytes);
}

static const struct nlmsghdr *head(const struct entry *e) { return (const void *)e->raw; }

/* The fixed part of a message; false when it is shorter. */
static bool fixed(const struct entry *e, void *ret, size_t n)
{
	struct pk_str rest = live_nl_rest(head(e), 0);

	if (rest.n < n)
		return false;
	memcpy(ret, rest.p, n);
	return true;
}

static uint32_t u32_of(struct pk_str s)
{
	uint32_t v = 0;

	memcpy(&v, s.p, PK_MIN(s.n, sizeof(v)));
	return v;
}

static struct pk_str text_of(struct pk_str s) { return pk_str_n(s.p, pk_str_find(s, 0)); }

/* Name of an interface, out of the dump of links. */
static void put_ifname(struct pk_live_out *out, const struct entries *links, int index)
{
	struct ifinfomsg m;
	struct pk_str name;
	char number[16];

	for (size_t i = 0; i < links->n; i++)
		if (fixed(&links->v[i], &m, sizeof(m)) && m.ifi_index == index &&
		    live_nl_find(live_nl_rest(head(&links->v[i]), sizeof(m)), IFLA_IFNAME, &name)) {
			live_kbytes(out, "interface", text_of(name));
			return;
		}
	(void)snprintf(number, sizeof(number), "%d", index);
	pk_json_kz(&out->json, "interface", number);
}

static void put_ip(struct pk_json *j, const char *key, int family, struct pk_str value)
{
	PK_AUTO(pk_buf) b = {0};

	if ((family == AF_INET && value.n == 4) || (family == AF_INET6 && value.n == 16)) {
		live_put_addr(&b, family, (const uint8_t *)value.p);
		pk_json_kstr(j, key, pk_buf_str(&b));
	}
}

static void put_mac(struct pk_json *j, const char *key, struct pk_str v)
{
	PK_AUTO(pk_buf) b = {0};

	for (size_t i = 0; i < v.n && i < 32; i++)
		pk_buf_putf(&b, i ? ":%02x" : "%02x", (unsigned char)v.p[i]);
	if (b.n)
		pk_json_kstr(j, key, pk_buf_str(&b));
}

static bool ready(struct pk_live_out *out, const struct live_netns_at *at)
{
	if (!at->inside)
		pk_live_note(out, "network namespace %llu: not read: it cannot be entered",
			     (unsigned long long)at->inode);
	return at->inside;
}

static int run(const struct pk_live_ctx *ctx, struct pk_live_out *out,
	       int (*each)(const struct pk_live_ctx *, struct pk_live_out *, const struct live_netns_at *, void *,
			   struct pk_err *),
	       struct pk_err *err)
{
	struct live_netns_job job = {.each = each};

	return live_netns_run(ctx, out, &job, err);
}

/* --- interface_details ---------------------------------------------------------------------------------------- */

static const struct pk_live_column link_columns[] = {
	{"interface", PK_LIVE_TEXT, "name"},
	{"mac", PK_LIVE_TEXT, "hardware address"},
	{"type", PK_LIVE_INTEGER, "hardware type: 1 Ethernet, 772 loopback..."},
	{"mtu", PK_LIVE_INTEGER, "largest packet"},
	{"flags", PK_LIVE_INTEGER, "interface flags"},
	{"ipackets", PK_LIVE_BIGINT, "packets in"},
	{"opackets", PK_LIVE_BIGINT, "packets out"},
	{"ibytes", PK_LIVE_BIGINT, "bytes in"},
	{"obytes", PK_LIVE_BIGINT, "bytes out"},
	{"ierrors", PK_LIVE_BIGINT, "errors in"},
	{"oerrors", PK_LIVE_BIGINT, "errors out"},
	{"idrops", PK_LIVE_BIGINT, "drops in"},
	{"odrops", PK_LIVE_BIGINT, "drops out"},
	{"collisions", PK_LIVE_BIGINT, "collisions"},
	{"index", PK_LIVE_INTEGER, "interface index"},
	{"promiscuous", PK_LIVE_INTEGER, "how many ask for all packets: a sniffer where it is not 0"},
	{"kind", PK_LIVE_TEXT, "bridge, veth, vlan, tun, wireguard..."},
	{"master_index", PK_LIVE_INTEGER, "interface it belongs to"},
	{"xdp_program", PK_LIVE_BIGINT, "id of the eBPF program that sees each packet first"},
	{"net_namespace", PK_LIVE_TEXT, "inode of the network namespace"},
	{0},
};

static void put_stats(struct pk_json *j, struct pk_str v)
{
	struct rtnl_link_stats64 s = {0};

	memcpy(&s, v.p, PK_MIN(v.n, sizeof(s)));
	pk_json_kuint(j, "ipackets", s.rx_packets & INT64_MAX);
	pk_json_kuint(j, "opackets", s.tx_packets & INT64_MAX);
	pk_json_kuint(j, "ibytes", s.rx_bytes & INT64_MAX);
	pk_json_kuint(j, "obytes", s.tx_bytes & INT64_MAX);
	pk_json_kuint(j, "ierrors", s.rx_errors & INT64_MAX);
	pk_json_kuint(j, "oerrors", s.tx_errors & INT64_MAX);
	pk_json_kuint(j, "idrops", s.rx_dropped & INT64_MAX);
	pk_json_kuint(j, "odrops", s.tx_dropped & INT64_MAX);
	pk_json_kuint(j, "collisions", s.collisions & INT64_MAX);
}

static int link_row(struct pk_live_out *out, const struct live_netns_at *at, const struct entry *e, struct pk_err *err)
{
	struct ifinfomsg m;
	struct pk_str rest, v, inner;
	struct pk_json *j;

	if (!fixed(e, &m, sizeof(m)))
		return 0;
	rest = live_nl_rest(head(e), sizeof(m));
	j = live_row(out);
	if (live_nl_find(rest, IFLA_IFNAME, &v))
		live_kbytes(out, "interface", text_of(v));
	if (live_nl_find(rest, IFLA_ADDRESS, &v))
		put_mac(j, "mac", v);
	pk_json_kuint(j, "type", m.ifi_type);
	if (live_nl_find(rest, IFLA_MTU, &v))
		pk_json_kuint(j, "mtu", u32_of(v));
	pk_json_kuint(j, "flags", m.ifi_flags);
	if (live_nl_find(rest, IFLA_STATS64, &v))
		put_stats(j, v);
	pk_json_kint(j, "index", m.ifi_index);
	if (live_nl_find(rest, IFLA_PROMISCUITY, &v))
		pk_json_kuint(j, "promiscuous", u32_of(v));
	if (live_nl_find(rest, IFLA_LINKINFO, &inner) && live_nl_find(inner, IFLA_INFO_KIND, &v))
		live_kbytes(out, "kind", text_of(v));
	if (live_nl_find(rest, IFLA_MASTER, &v))
		pk_json_kuint(j, "master_index", u32_of(v));
	if (live_nl_find(rest, IFLA_XDP, &inner) && live_nl_find(inner, IFLA_XDP_PROG_ID, &v))
		pk_json_kuint(j, "xdp_program", u32_of(v));
	pk_json_kdec(j, "net_namespace", at->inode);
	return live_emit(out, err);
}

static int links_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at, void *arg,
		    struct pk_err *err)
{
	AUTO_ENTRIES l = {0};

	(void)ctx;
	(void)arg;
	if (!ready(out, at))
		return 0;
	dump(out, at, RTM_GETLINK, &l);
	for (size_t i = 0; i < l.n; i++)
		if (link_row(out, at, &l.v[i], err) < 0)
			return -1;
	return 0;
}

static int link_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return run(ctx, out, links_of, err);
}

const struct pk_live_table live_interface_details = {
	.name = "interface_details",
	.doc = "network interfaces, their counters, who sniffs and what filters",
	.columns = link_columns,
	.host_only = true,
	.rows = link_rows,
};

/* --- interface_addresses ---------------------------------------------------------------------------------------- */

static const struct pk_live_column address_columns[] = {
	{"interface", PK_LIVE_TEXT, "name"},
	{"address", PK_LIVE_TEXT, "address"},
	{"mask", PK_LIVE_TEXT, "network mask"},
	{"broadcast", PK_LIVE_TEXT, "broadcast address"},
	{"point_to_point", PK_LIVE_TEXT, "address of the other end"},
	{"prefix_length", PK_LIVE_INTEGER, "bits of the mask"},
	{"scope", PK_LIVE_INTEGER, "0 anywhere, 253 this link, 254 this host"},
	{"permanent", PK_LIVE_INTEGER, "1: set by hand; 0: with a lifetime, as by DHCP"},
	{"net_namespace", PK_LIVE_TEXT, "inode of the network namespace"},
	{0},
};

static void put_mask(struct pk_json *j, int family, unsigned bits)
{
	uint8_t mask[16] = {0};
	size_t n = family == AF_INET ? 4 : 16;

	for (unsigned i = 0; i < bits && i < n * 8; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	put_ip(j, "mask", family, pk_str_n(mask, n));
}

static int address_row(struct pk_live_out *out, const struct live_netns_at *at, const struct entries *links,
		       const struct entry *e, struct pk_err *err)
{
	struct ifaddrmsg m;
	struct pk_str rest, v, local = {0}, address = {0};
	uint32_t flags;
	struct pk_json *j;

	if (!fixed(e, &m, sizeof(m)) || (m.ifa_family != AF_INET && m.ifa_family != AF_INET6))
		return 0;
	rest = live_nl_rest(head(e), sizeof(m));
	flags = live_nl_find(rest, IFA_FLAGS, &v) ? u32_of(v) : m.ifa_flags;
	(void)live_nl_find(rest, IFA_LOCAL, &local);
	(void)live_nl_find(rest, IFA_ADDRESS, &address);
	j = live_row(out);
	put_ifname(out, links, (int)m.ifa_index);
	put_ip(j, "address", m.ifa_family, local.p ? local : address);
	put_mask(j, m.ifa_family, m.ifa_prefixlen);
	if (live_nl_find(rest, IFA_BROADCAST, &v))
		put_ip(j, "broadcast", m.ifa_family, v);
	if (local.p && address.p && !pk_str_eq(local, address))
		put_ip(j, "point_to_point", m.ifa_family, address);
	pk_json_kuint(j, "prefix_length", m.ifa_prefixlen);
	pk_json_kuint(j, "scope", m.ifa_scope);
	pk_json_kint(j, "permanent", (flags & IFA_F_PERMANENT) != 0);
	pk_json_kdec(j, "net_namespace", at->inode);
	return live_emit(out, err);
}

static int addresses_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at,
			void *arg, struct pk_err *err)
{
	AUTO_ENTRIES links = {0};
	AUTO_ENTRIES l = {0};

	(void)ctx;
	(void)arg;
	if (!ready(out, at))
		return 0;
	dump(out, at, RTM_GETLINK, &links);
	dump(out, at, RTM_GETADDR, &l);
	for (size_t i = 0; i < l.n; i++)
		if (address_row(out, at, &links, &l.v[i], err) < 0)
			return -1;
	return 0;
}

static int address_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return run(ctx, out, addresses_of, err);
}

const struct pk_live_table live_interface_addresses = {
	.name = "interface_addresses",
	.doc = "addresses of the network interfaces",
	.columns = address_columns,
	.host_only = true,
	.rows = address_rows,
};

/* --- routes ------------------------------------------------------------------------------------------------------ */

static const struct pk_live_column route_columns[] = {
	{"destination", PK_LIVE_TEXT, "network; 0.0.0.0 or :: with netmask 0 is the default route"},
	{"netmask", PK_LIVE_INTEGER, "bits of the mask"},
	{"gateway", PK_LIVE_TEXT, "next hop"},
	{"source", PK_LIVE_TEXT, "preferred source address"},
	{"flags", PK_LIVE_INTEGER, "route flags"},
	{"interface", PK_LIVE_TEXT, "interface"},
	{"mtu", PK_LIVE_INTEGER, "largest packet"},
	{"metric", PK_LIVE_INTEGER, "priority"},
	{"type", PK_LIVE_TEXT, "gateway, unicast, local, broadcast, anycast, multicast, blackhole..."},
	{"family", PK_LIVE_INTEGER, "2 IPv4, 10 IPv6"},
	{"table", PK_LIVE_BIGINT, "routing table: 254 main, 255 local"},
	{"protocol", PK_LIVE_INTEGER, "who set it: 2 kernel, 3 boot, 4 by hand, 16 DHCP..."},
	{"net_namespace", PK_LIVE_TEXT, "inode of the network namespace"},
	{0},
};

static const char *route_type(unsigned t, bool gateway)
{
	static const char *const names[] = {"unspecified", "unicast",   "local",     "broadcast",
					    "anycast",     "multicast", "blackhole", "unreachable",
					    "prohibit",    "throw",     "nat",       "external"};

	if (t == RTN_UNICAST && gateway)
		return "gateway";
	return t < PK_LEN(names) ? names[t] : names[0];
}

struct hop {
	struct pk_str gateway;
	int index;
	unsigned flags;
};

static int route_row(struct pk_live_out *out, const struct live_netns_at *at, const struct entries *links,
		     const struct rtmsg *m, struct pk_str rest, struct hop hop, struct pk_err *err)
{
	static const uint8_t zero[16];
	struct pk_str v, inner;
	struct pk_json *j = live_row(out);

	if (!live_nl_find(rest, RTA_DST, &v))
		v = pk_str_n(zero, m->rtm_family == AF_INET ? 4 : 16);
	put_ip(j, "destination", m->rtm_family, v);
	pk_json_kuint(j, "netmask", m->rtm_dst_len);
	if (hop.gateway.n)
		put_ip(j, "gateway", hop.gateway.n == 4 ? AF_INET : AF_INET6, hop.gateway);
	if (live_nl_find(rest, RTA_PREFSRC, &v))
		put_ip(j, "source", m->rtm_family, v);
	pk_json_kuint(j, "flags", m->rtm_flags | hop.flags);
	if (hop.index)
		put_ifname(out, links, hop.index);
	if (live_nl_find(rest, RTA_METRICS, &inner) && live_nl_find(inner, RTAX_MTU, &v))
		pk_json_kuint(j, "mtu", u32_of(v));
	if (live_nl_find(rest, RTA_PRIORITY, &v))
		pk_json_kuint(j, "metric", u32_of(v));
	pk_json_kz(j, "type", route_type(m->rtm_type, hop.gateway.n > 0));
	pk_json_kuint(j, "family", m->rtm_family);
	pk_json_kuint(j, "table", live_nl_find(rest, RTA_TABLE, &v) ? u32_of(v) : m->rtm_table);
	pk_json_kuint(j, "protocol", m->rtm_protocol);
	pk_json_kdec(j, "net_namespace", at->inode);
	return live_emit(out, err);
}

/* A gateway of either family: RTA_GATEWAY, or RTA_VIA with two bytes of family before it. */
static struct pk_str gateway_of(struct pk_str rest)
{
	struct pk_str v;

	if (live_nl_find(rest, RTA_GATEWAY, &v))
		return v;
	if (live_nl_find(rest, RTA_VIA, &v) && v.n > 2)
		return pk_str_n(v.p + 2, v.n - 2);
	return pk_str_n(NULL, 0);
}

static int one_route(struct pk_live_out *out, const struct live_netns_at *at, const struct entries *links,
		     const struct entry *e, struct pk_err *err)
{
	struct rtmsg m;
	struct pk_str rest, v, many;
	struct hop hop = {0};

	if (!fixed(e, &m, sizeof(m)) || (m.rtm_family != AF_INET && m.rtm_family != AF_INET6) ||
	    m.rtm_flags & RTM_F_CLONED)
		return 0;
	rest = live_nl_rest(head(e), sizeof(m));
	if (!live_nl_find(rest, RTA_MULTIPATH, &many)) {
		hop.gateway = gateway_of(rest);
		hop.index = live_nl_find(rest, RTA_OIF, &v) ? (int)u32_of(v) : 0;
		return route_row(out, at, links, &m, rest, hop, err);
	}
	while (many.n >= sizeof(struct rtnexthop)) {
		struct rtnexthop nh;
		size_t step;

		memcpy(&nh, many.p, sizeof(nh));
		if (nh.rtnh_len < sizeof(nh) || nh.rtnh_len > many.n)
			break;
		hop.gateway = gateway_of(pk_str_n(many.p + sizeof(nh), nh.rtnh_len - sizeof(nh)));
		hop.index = nh.rtnh_ifindex;
		hop.flags = nh.rtnh_flags;
		if (route_row(out, at, links, &m, rest, hop, err) < 0)
			return -1;
		step = PK_MIN((size_t)RTNH_ALIGN(nh.rtnh_len), many.n);
		many = pk_str_n(many.p + step, many.n - step);
	}
	return 0;
}

static int routes_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at, void *arg,
		     struct pk_err *err)
{
	AUTO_ENTRIES links = {0};
	AUTO_ENTRIES l = {0};

	(void)ctx;
	(void)arg;
	if (!ready(out, at))
		return 0;
	dump(out, at, RTM_GETLINK, &links);
	dump(out, at, RTM_GETROUTE, &l);
	for (size_t i = 0; i < l.n; i++)
		if (one_route(out, at, &links, &l.v[i], err) < 0)
			return -1;
	return 0;
}

static int route_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return run(ctx, out, routes_of, err);
}

const struct pk_live_table live_routes = {
	.name = "routes",
	.doc = "all routing tables",
	.columns = route_columns,
	.host_only = true,
	.rows = route_rows,
};

/* --- arp_cache ---------------------------------------------------------------------------------------------------- */

static const struct pk_live_column neighbour_columns[] = {
	{"address", PK_LIVE_TEXT, "address of the neighbour"},
	{"mac", PK_LIVE_TEXT, "hardware address"},
	{"interface", PK_LIVE_TEXT, "interface"},
	{"permanent", PK_LIVE_TEXT, "1: set by hand"},
	{"family", PK_LIVE_INTEGER, "2 IPv4, 10 IPv6"},
	{"state", PK_LIVE_TEXT, "reachable, stale, failed..."},
	{"net_namespace", PK_LIVE_TEXT, "inode of the network namespace"},
	{0},
};

static const char *neighbour_state(unsigned s)
{
	static const char *const names[] = {"incomplete", "reachable", "stale", "delay",
					    "probe",      "failed",    "noarp", "permanent"};

	for (unsigned i = 0; i < PK_LEN(names); i++)
		if (s & 1u << i)
			return names[i];
	return "none";
}

static int neighbours_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at,
			 void *arg, struct pk_err *err)
{
	AUTO_ENTRIES links = {0};
	AUTO_ENTRIES l = {0};

	(void)ctx;
	(void)arg;
	if (!ready(out, at))
		return 0;
	dump(out, at, RTM_GETLINK, &links);
	dump(out, at, RTM_GETNEIGH, &l);
	for (size_t i = 0; i < l.n; i++) {
		struct ndmsg m;
		struct pk_str rest, v;
		struct pk_json *j;

		if (!fixed(&l.v[i], &m, sizeof(m)) || (m.ndm_family != AF_INET && m.ndm_family != AF_INET6))
			continue;
		rest = live_nl_rest(head(&l.v[i]), sizeof(m));
		j = live_row(out);
		if (live_nl_find(rest, NDA_DST, &v))
			put_ip(j, "address", m.ndm_family, v);
		if (live_nl_find(rest, NDA_LLADDR, &v))
			put_mac(j, "mac", v);
		put_ifname(out, &links, m.ndm_ifindex);
		pk_json_kz(j, "permanent", m.ndm_state & NUD_PERMANENT ? "1" : "0");
		pk_json_kuint(j, "family", m.ndm_family);
		pk_json_kz(j, "state", neighbour_state(m.ndm_state));
		pk_json_kdec(j, "net_namespace", at->inode);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int neighbour_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return run(ctx, out, neighbours_of, err);
}

const struct pk_live_table live_arp_cache = {
	.name = "arp_cache",
	.doc = "neighbours on the network, IPv4 and IPv6",
	.columns = neighbour_columns,
	.host_only = true,
	.rows = neighbour_rows,
};
