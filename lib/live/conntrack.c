/* SPDX-License-Identifier: Apache-2.0 */
/* Table `connection_tracking`: the flows that netfilter follows, forwarded ones and those of ended processes too. */
#include "sockets.h"
#include "tables.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

static const struct pk_live_column columns[] = {
	{"family", PK_LIVE_INTEGER, "2 IPv4, 10 IPv6"},
	{"protocol", PK_LIVE_INTEGER, "IP protocol"},
	{"source_address", PK_LIVE_TEXT, "who began it"},
	{"source_port", PK_LIVE_INTEGER, "port of who began it"},
	{"destination_address", PK_LIVE_TEXT, "whom it was meant for"},
	{"destination_port", PK_LIVE_INTEGER, "port it was meant for"},
	{"reply_source_address", PK_LIVE_TEXT, "who answers: differs from the destination behind address translation"},
	{"reply_source_port", PK_LIVE_INTEGER, "port that answers"},
	{"reply_destination_address", PK_LIVE_TEXT, "whom the answers go to"},
	{"reply_destination_port", PK_LIVE_INTEGER, "port the answers go to"},
	{"state", PK_LIVE_TEXT, "state of TCP"},
	{"status", PK_LIVE_INTEGER,
	 "the kernel's status bits: 1 expected, 2 seen reply, 4 assured, 16/32 translated..."},
	{"timeout", PK_LIVE_BIGINT, "seconds until it is forgotten"},
	{"mark", PK_LIVE_BIGINT, "mark"},
	{"bytes_sent", PK_LIVE_BIGINT, "where the kernel counts"},
	{"bytes_received", PK_LIVE_BIGINT, "where the kernel counts"},
	{"started", PK_LIVE_TIME, "where the kernel notes it"},
	{"net_namespace", PK_LIVE_TEXT, "inode of the network namespace"},
	{0},
};

struct dump {
	struct pk_live_out *out;
	uint64_t netns;
	struct pk_err *err;
};

static uint64_t be(struct pk_str s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n && i < 8; i++)
		v = v << 8 | (uint8_t)s.p[i];
	return v;
}

static void put_ip(struct pk_json *j, const char *key, struct pk_str ip, unsigned v4, unsigned v6)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str v;

	if (live_nl_find(ip, v4, &v) && v.n == 4)
		live_put_addr(&b, AF_INET, (const uint8_t *)v.p);
	else if (live_nl_find(ip, v6, &v) && v.n == 16)
		live_put_addr(&b, AF_INET6, (const uint8_t *)v.p);
	if (b.n)
		pk_json_kstr(j, key, pk_buf_str(&b));
}

static void put_port(struct pk_json *j, const char *key, struct pk_str proto, unsigned type)
{
	struct pk_str v;

	if (live_nl_find(proto, type, &v) && v.n == 2)
		pk_json_kuint(j, key, be(v));
}

static void put_tuple(struct pk_json *j, struct pk_str tuple, const char *const *keys)
{
	struct pk_str ip = {0}, proto = {0};

	(void)live_nl_find(tuple, CTA_TUPLE_IP, &ip);
	(void)live_nl_find(tuple, CTA_TUPLE_PROTO, &proto);
	put_ip(j, keys[0], ip, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
	put_port(j, keys[1], proto, CTA_PROTO_SRC_PORT);
	put_ip(j, keys[2], ip, CTA_IP_V4_DST, CTA_IP_V6_DST);
	put_port(j, keys[3], proto, CTA_PROTO_DST_PORT);
}

static void put_number(struct pk_json *j, const char *key, struct pk_str rest, unsigned outer, unsigned inner)
{
	struct pk_str v;

	if (!live_nl_find(rest, outer, &v) || (inner && !live_nl_find(v, inner, &v)))
		return;
	pk_json_kuint(j, key, be(v) & INT64_MAX);
}

static void put_state(struct pk_json *j, struct pk_str rest)
{
	static const char *const states[] = {"NONE",       "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
					     "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2"};
	struct pk_str v;

	if (live_nl_find(rest, CTA_PROTOINFO, &v) && live_nl_find(v, CTA_PROTOINFO_TCP, &v) &&
	    live_nl_find(v, CTA_PROTOINFO_TCP_STATE, &v) && v.n == 1)
		pk_json_kz(j, "state", (uint8_t)v.p[0] < PK_LEN(states) ? states[(uint8_t)v.p[0]] : "UNKNOWN");
}

static int flow_row(void *arg, const struct nlmsghdr *h)
{
	static const char *const there[] = {"source_address", "source_port", "destination_address", "destination_port"},
				 *const back[] = {"reply_source_address", "reply_source_port",
						  "reply_destination_address", "reply_destination_port"};
	struct dump *d = arg;
	struct pk_str head = live_nl_rest(h, 0), rest = live_nl_rest(h, sizeof(struct nfgenmsg)), orig = {0}, v;
	struct nfgenmsg m;
	struct pk_json *j;

	if (head.n < sizeof(m))
		return 0;
	memcpy(&m, head.p, sizeof(m));
	j = live_row(d->out);
	(void)live_nl_find(rest, CTA_TUPLE_ORIG, &orig);
	pk_json_kuint(j, "family", m.nfgen_family);
	if (live_nl_find(orig, CTA_TUPLE_PROTO, &v) && live_nl_find(v, CTA_PROTO_NUM, &v) && v.n == 1)
		pk_json_kuint(j, "protocol", be(v));
	put_tuple(j, orig, there);
	if (live_nl_find(rest, CTA_TUPLE_REPLY, &v))
		put_tuple(j, v, back);
	put_state(j, rest);
	put_number(j, "status", rest, CTA_STATUS, 0);
	put_number(j, "timeout", rest, CTA_TIMEOUT, 0);
	put_number(j, "mark", rest, CTA_MARK, 0);
	put_number(j, "bytes_sent", rest, CTA_COUNTERS_ORIG, CTA_COUNTERS_BYTES);
	put_number(j, "bytes_received", rest, CTA_COUNTERS_REPLY, CTA_COUNTERS_BYTES);
	if (live_nl_find(rest, CTA_TIMESTAMP, &v) && live_nl_find(v, CTA_TIMESTAMP_START, &v))
		pk_json_ktime(j, "started",
			      (struct pk_time){(int64_t)(be(v) / 1000000000u), (uint32_t)(be(v) % 1000000000u)});
	pk_json_kdec(j, "net_namespace", d->netns);
	return live_emit(d->out, d->err);
}

static int flows_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at, void *arg,
		    struct pk_err *err)
{
	struct dump d = {out, at->inode, err};
	struct {
		struct nlmsghdr h;
		struct nfgenmsg m;
	} q = {.h = {.nlmsg_len = sizeof(q),
		     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		     .nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET},
	       .m = {.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0}};
	pk_autoclose int fd = -1;
	int e;

	(void)ctx;
	(void)arg;
	if (!at->inside)
		return 0;
	fd = live_nl_open(NETLINK_NETFILTER);
	e = fd < 0 ? errno : live_nl_dump(fd, &q, sizeof(q), flow_row, &d);
	if (e == EIO && err && err->kind != PK_ENONE)
		return -1;
	/* a kernel that tracks nothing has no such answer */
	if (e && e != EPROTONOSUPPORT && e != EINVAL && e != EOPNOTSUPP && e != ENOENT)
		pk_live_note(out, "network namespace %llu: tracked connections: %s", (unsigned long long)at->inode,
			     strerror(e));
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	struct live_netns_job job = {.each = flows_of};

	return live_netns_run(ctx, out, &job, err);
}

const struct pk_live_table live_connection_tracking = {
	.name = "connection_tracking",
	.doc = "flows that netfilter follows, in the kernel's order: forwarded ones and those of ended processes too",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
