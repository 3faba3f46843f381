/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `process_open_sockets` and `listening_ports`. */
#include "sockets.h"
#include "tables.h"

#include <netinet/in.h>

/* --- the list ---------------------------------------------------------------------------------------- */

void live_sockets_done(struct live_sockets *s)
{
	free(s->v);
	pk_buf_done(&s->text);
	*s = (struct live_sockets){0};
}

int live_sockets_add(struct live_sockets *s, struct live_socket k, struct pk_str path, struct pk_str filter,
		     struct pk_err *err)
{
	if (s->n >= PK_LIVE_MAX_ITEMS)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u sockets", PK_LIVE_MAX_ITEMS);
	path.n = PK_MIN(path.n, (size_t)UINT16_MAX);
	filter.n = PK_MIN(filter.n, (size_t)UINT16_MAX);
	k.path_n = (uint16_t)path.n;
	k.filter_n = (uint16_t)filter.n;
	k.text_at = s->text.n;
	pk_buf_put_str(&s->text, path);
	pk_buf_put_str(&s->text, filter);
	if (pk_buf_check(&s->text, err) < 0)
		return -1;
	if (!pk_grow(&s->v, &s->cap, s->n + 1, sizeof(*s->v)))
		return pk_fail_oom(err);
	s->v[s->n++] = k;
	return 0;
}

struct pk_str live_socket_path(const struct live_sockets *s, size_t i)
{
	return pk_str_n(s->text.p + s->v[i].text_at, s->v[i].path_n);
}

struct pk_str live_socket_filter(const struct live_sockets *s, size_t i)
{
	return pk_str_n(s->text.p + s->v[i].text_at + s->v[i].path_n, s->v[i].filter_n);
}

/* --- collecting: in the child, namespace by namespace --------------------------------------------------- */

static bool is_port_kind(const struct live_socket *k)
{
	return (k->family == AF_INET || k->family == AF_INET6) &&
	       (k->protocol == IPPROTO_TCP || k->protocol == IPPROTO_UDP);
}

static int inodes_of(const struct live_sockets *s, struct live_keys *ret, struct pk_err *err)
{
	for (size_t i = 0; i < s->n; i++)
		if (is_port_kind(&s->v[i]) && s->v[i].inode && live_keys_add(ret, s->v[i].inode, err) < 0)
			return -1;
	live_keys_sort(ret);
	return 0;
}

/* A socket that diagnostics list before and after /proc was read, and that /proc does not: someone filters it. */
static int mark_hidden(struct pk_live_out *out, const struct live_netns_at *at, struct live_sockets *s,
		       struct pk_err *err)
{
	const unsigned kinds = 1u << LIVE_TCP | 1u << LIVE_TCP6 | 1u << LIVE_UDP | 1u << LIVE_UDP6;
	PK_AUTO(live_sockets) shown = {0};
	PK_AUTO(live_sockets) again = {0};
	PK_AUTO(live_keys) shown_inodes = {0};
	PK_AUTO(live_keys) again_inodes = {0};
	bool any = false;
	unsigned done;

	if (live_sockets_from_proc(out, at->net_fd, at->inode, kinds, &shown, err) < 0 ||
	    inodes_of(&shown, &shown_inodes, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		struct live_socket *k = &s->v[i];

		k->hidden = is_port_kind(k) && k->inode && !live_keys_has(&shown_inodes, k->inode);
		any |= k->hidden;
	}
	if (!any)
		return 0;
	if (live_sockets_from_diag(out, at->inode, &done, &again, err) < 0 || inodes_of(&again, &again_inodes, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		s->v[i].hidden &= live_keys_has(&again_inodes, s->v[i].inode);
	return 0;
}

int live_sockets_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at,
		    struct live_sockets *ret, struct pk_err *err)
{
	unsigned done = 0;

	(void)ctx;
	if (at->inside && live_sockets_from_diag(out, at->inode, &done, ret, err) < 0)
		return -1;
	if (at->net_fd < 0)
		return 0;
	if (done && mark_hidden(out, at, ret, err) < 0)
		return -1;
	return live_sockets_from_proc(out, at->net_fd, at->inode, ~done, ret, err);
}

static int send_namespace(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at,
			  void *arg, struct pk_err *err)
{
	PK_AUTO(live_sockets) s = {0};
	PK_AUTO(pk_buf) b = {0};

	(void)arg;
	if (live_sockets_of(ctx, out, at, &s, err) < 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		pk_buf_reset(&b);
		pk_buf_put(&b, &s.v[i], sizeof(s.v[i]));
		pk_buf_put_str(&b, live_socket_path(&s, i));
		pk_buf_put_str(&b, live_socket_filter(&s, i));
		if (pk_buf_check(&b, err) < 0 || live_guard_send(out, pk_buf_str(&b), err) < 0)
			return -1;
	}
	return 0;
}

static int take_socket(void *arg, uint64_t netns, struct pk_str bytes, struct pk_err *err)
{
	struct live_socket k;

	(void)netns;
	if (bytes.n < sizeof(k))
		return pk_fail(err, PK_EINTERNAL, 0, "short record of a socket");
	memcpy(&k, bytes.p, sizeof(k));
	if (bytes.n != sizeof(k) + k.path_n + k.filter_n)
		return pk_fail(err, PK_EINTERNAL, 0, "wrong record of a socket");
	return live_sockets_add(arg, k, pk_str_n(bytes.p + sizeof(k), k.path_n),
				pk_str_n(bytes.p + sizeof(k) + k.path_n, k.filter_n), err);
}

static int by_inode(const void *a, const void *b)
{
	const struct live_socket *x = a, *y = b;
	int c;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	if (x->family != y->family)
		return x->family - y->family;
	if (x->protocol != y->protocol)
		return x->protocol - y->protocol;
	c = memcmp(x->local, y->local, 16);
	if (!c)
		c = memcmp(x->remote, y->remote, 16);
	if (!c && x->local_port != y->local_port)
		c = x->local_port < y->local_port ? -1 : 1;
	if (!c && x->remote_port != y->remote_port)
		c = x->remote_port < y->remote_port ? -1 : 1;
	return c;
}

int live_sockets_collect(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct live_sockets *ret,
			 struct pk_err *err)
{
	struct live_netns_job job = {.each = send_namespace, .data = take_socket, .arg = ret};

	if (live_netns_run(ctx, out, &job, err) < 0)
		return -1;
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_inode);
	return 0;
}

static size_t find(const struct live_sockets *s, uint64_t inode)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].inode < inode)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* --- process_open_sockets -------------------------------------------------------------------------------- */

static const struct pk_live_column columns[] = {
	{"pid", PK_LIVE_INTEGER, "process id; -1: no process that we see holds it"},
	{"fd", PK_LIVE_BIGINT, "descriptor; -1 as above"},
	{"socket", PK_LIVE_BIGINT, "inode of the socket; 0: closed, the kernel still keeps it"},
	{"family", PK_LIVE_INTEGER, "address family: 1 unix, 2 IPv4, 10 IPv6, 16 netlink, 17 packet"},
	{"protocol", PK_LIVE_INTEGER, "IP protocol; of netlink its family; of packet sockets the Ethernet protocol"},
	{"local_address", PK_LIVE_TEXT, "local address"},
	{"remote_address", PK_LIVE_TEXT, "remote address"},
	{"local_port", PK_LIVE_INTEGER, "local port; of netlink the port id"},
	{"remote_port", PK_LIVE_INTEGER, "remote port"},
	{"path", PK_LIVE_TEXT, "unix: path; abstract ones begin with '@'"},
	{"state", PK_LIVE_TEXT, "state of TCP, and of unix sockets"},
	{"net_namespace", PK_LIVE_TEXT, "inode of the network namespace"},
	{"type", PK_LIVE_TEXT, "stream, dgram, raw, seqpacket"},
	{"uid", PK_LIVE_BIGINT, "user that made it"},
	{"interface_index", PK_LIVE_INTEGER, "interface it is bound to"},
	{"peer_socket", PK_LIVE_BIGINT, "unix: inode of the other end"},
	{"receive_queue", PK_LIVE_BIGINT, "bytes not read yet; of a listener, connections not accepted"},
	{"send_queue", PK_LIVE_BIGINT, "bytes not acknowledged; of a listener, the longest queue"},
	{"filter", PK_LIVE_TEXT, "packet sockets: the classic BPF program, 8 bytes an instruction, hexadecimal"},
	{"hidden", PK_LIVE_INTEGER, "1: the kernel's diagnostics list it, /proc/net does not"},
	{0},
};

static const char *tcp_state(unsigned s)
{
	static const char *const names[] = {"UNKNOWN",   "ESTABLISHED", "SYN_SENT",    "SYN_RECV",   "FIN_WAIT1",
					    "FIN_WAIT2", "TIME_WAIT",   "CLOSE",       "CLOSE_WAIT", "LAST_ACK",
					    "LISTEN",    "CLOSING",     "NEW_SYN_RECV"};

	return s < PK_LEN(names) ? names[s] : names[0];
}

static const char *type_name(unsigned t)
{
	switch (t) {
	case SOCK_STREAM: return "stream";
	case SOCK_DGRAM: return "dgram";
	case SOCK_RAW: return "raw";
	case SOCK_SEQPACKET: return "seqpacket";
	default: return "other";
	}
}

static void put_address(struct pk_json *j, const char *key, const struct live_socket *k, const uint8_t *addr)
{
	PK_AUTO(pk_buf) b = {0};

	live_put_addr(&b, k->family, addr);
	pk_json_kstr(j, key, pk_buf_str(&b));
}

static void put_socket(struct pk_live_out *out, const struct live_sockets *s, size_t i)
{
	const struct live_socket *k = &s->v[i];
	bool inet = k->family == AF_INET || k->family == AF_INET6;
	struct pk_json *j = &out->json;

	pk_json_kint(j, "family", k->family);
	pk_json_kint(j, "protocol", k->protocol);
	if (inet) {
		put_address(j, "local_address", k, k->local);
		put_address(j, "remote_address", k, k->remote);
	}
	if (inet || k->family == AF_NETLINK) {
		pk_json_kuint(j, "local_port", k->local_port);
		pk_json_kuint(j, "remote_port", k->remote_port);
	}
	live_kopt(out, "path", live_socket_path(s, i));
	if ((inet && k->protocol == IPPROTO_TCP) || k->family == AF_UNIX)
		pk_json_kz(j, "state", tcp_state(k->state));
	pk_json_kdec(j, "net_namespace", k->netns);
	pk_json_kz(j, "type", type_name(k->type));
	if (k->uid <= UINT32_MAX)
		pk_json_kuint(j, "uid", k->uid);
	if (k->interface)
		pk_json_kuint(j, "interface_index", k->interface);
	if (k->peer_inode)
		pk_json_kuint(j, "peer_socket", k->peer_inode);
	if (inet) {
		pk_json_kuint(j, "receive_queue", k->rx_queue & INT64_MAX);
		pk_json_kuint(j, "send_queue", k->tx_queue & INT64_MAX);
	}
	if (k->filter_n)
		pk_json_khex(j, "filter", live_socket_filter(s, i).p, k->filter_n);
	if (k->hidden)
		pk_json_kint(j, "hidden", 1);
}

static int by_pid(const void *a, const void *b)
{
	const struct live_owner *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

static int open_socket_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_owners) by_socket = {0};
	PK_AUTO(live_owners) by_process = {0};
	PK_AUTO(live_sockets) s = {0};

	if (live_sockets_collect(ctx, out, &s, err) < 0 || live_owners_collect(ctx, out, &by_socket, err) < 0)
		return -1;
	if (!pk_grow(&by_process.v, &by_process.cap, by_socket.n + 1, sizeof(*by_process.v)))
		return pk_fail_oom(err);
	by_process.n = by_socket.n;
	if (by_socket.n) {
		memcpy(by_process.v, by_socket.v, by_socket.n * sizeof(*by_socket.v));
		qsort(by_process.v, by_process.n, sizeof(*by_process.v), by_pid);
	}
	for (size_t i = 0; i < by_process.n; i++) {
		const struct live_owner *o = &by_process.v[i];
		size_t at = find(&s, o->inode);
		struct pk_json *j = live_row(out);

		pk_json_kuint(j, "pid", o->pid);
		pk_json_kuint(j, "fd", o->fd);
		pk_json_kuint(j, "socket", o->inode & INT64_MAX);
		if (at < s.n && s.v[at].inode == o->inode)
			put_socket(out, &s, at);
		if (live_emit(out, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < s.n && !ctx->only; i++) {
		size_t at = live_owners_find(&by_socket, s.v[i].inode);
		struct pk_json *j;

		if (s.v[i].inode && at < by_socket.n && by_socket.v[at].inode == s.v[i].inode)
			continue;
		j = live_row(out);
		pk_json_kint(j, "pid", -1);
		pk_json_kint(j, "fd", -1);
		pk_json_kuint(j, "socket", s.v[i].inode & INT64_MAX);
		put_socket(out, &s, i);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

const struct pk_live_table live_process_open_sockets = {
	.name = "process_open_sockets",
	.doc = "every socket of every network namespace, and which process holds it",
	.columns = columns,
	.host_only = true,
	.rows = open_socket_rows,
};

/* --- listening_ports --------------------------------------------------------------------------------------- */

static const struct pk_live_column port_columns[] = {
	{"pid", PK_LIVE_INTEGER, "process id; -1: no process that we see holds it"},
	{"port", PK_LIVE_INTEGER, "port; 0 for unix and raw sockets"},
	{"protocol", PK_LIVE_INTEGER, "IP protocol"},
	{"family", PK_LIVE_INTEGER, "address family: 1 unix, 2 IPv4, 10 IPv6"},
	{"address", PK_LIVE_TEXT, "local address"},
	{"fd", PK_LIVE_BIGINT, "descriptor"},
	{"socket", PK_LIVE_BIGINT, "inode of the socket"},
	{"path", PK_LIVE_TEXT, "unix: path; abstract ones begin with '@'"},
	{"net_namespace", PK_LIVE_TEXT, "inode of the network namespace"},
	{"uid", PK_LIVE_BIGINT, "user that made it"},
	{"hidden", PK_LIVE_INTEGER, "1: the kernel's diagnostics list it, /proc/net does not"},
	{0},
};

/* TCP and unix: waits for connections. The others: bound, and not connected to one peer. */
static bool listens(const struct live_socket *k)
{
	static const uint8_t nobody[16];

	if (k->family == AF_UNIX)
		return k->state == 10;
	if (k->family != AF_INET && k->family != AF_INET6)
		return false;
	if (k->protocol == IPPROTO_TCP)
		return k->state == 10;
	return memcmp(k->remote, nobody, 16) == 0 && k->remote_port == 0 && (k->local_port || k->type == SOCK_RAW);
}

static int port_row(struct pk_live_out *out, const struct live_sockets *s, size_t i, int64_t pid, int64_t fd,
		    struct pk_err *err)
{
	const struct live_socket *k = &s->v[i];
	struct pk_json *j = live_row(out);

	pk_json_kint(j, "pid", pid);
	pk_json_kuint(j, "port", k->local_port);
	pk_json_kint(j, "protocol", k->protocol);
	pk_json_kint(j, "family", k->family);
	if (k->family != AF_UNIX)
		put_address(j, "address", k, k->local);
	pk_json_kint(j, "fd", fd);
	pk_json_kuint(j, "socket", k->inode & INT64_MAX);
	live_kopt(out, "path", live_socket_path(s, i));
	pk_json_kdec(j, "net_namespace", k->netns);
	if (k->uid <= UINT32_MAX)
		pk_json_kuint(j, "uid", k->uid);
	if (k->hidden)
		pk_json_kint(j, "hidden", 1);
	return live_emit(out, err);
}

static int port_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_owners) owners = {0};
	PK_AUTO(live_sockets) s = {0};

	if (live_sockets_collect(ctx, out, &s, err) < 0 || live_owners_collect(ctx, out, &owners, err) < 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		size_t at = live_owners_find(&owners, s.v[i].inode);
		bool owned = false;

		if (!listens(&s.v[i]))
			continue;
		for (; s.v[i].inode && at < owners.n && owners.v[at].inode == s.v[i].inode; at++) {
			owned = true;
			if (port_row(out, &s, i, (int64_t)owners.v[at].pid, (int64_t)owners.v[at].fd, err) < 0)
				return -1;
		}
		if (!owned && !ctx->only && port_row(out, &s, i, -1, -1, err) < 0)
			return -1;
	}
	return 0;
}

const struct pk_live_table live_listening_ports = {
	.name = "listening_ports",
	.doc = "sockets that wait for others, of every network namespace",
	.columns = port_columns,
	.host_only = true,
	.rows = port_rows,
};
