/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets, who holds them, and the network namespaces they are in. */
#ifndef PK_LIB_LIVE_SOCKETS_H
#define PK_LIB_LIVE_SOCKETS_H

#include "parse.h"

#include <sys/socket.h>

/* --- who holds a socket ------------------------------------------------------------------------------ */

struct live_owner {
	uint64_t inode, pid, fd;
};
struct live_owners { /* sorted by inode, pid, fd */
	struct live_owner *v;
	size_t n, cap;
};
void live_owners_done(struct live_owners *o);
PK_NODISCARD int live_owners_collect(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct live_owners *ret,
				     struct pk_err *err);
/** Index of the first owner of that inode, or of where it would be. */
size_t live_owners_find(const struct live_owners *o, uint64_t inode);

/* --- network namespaces (netns.c) ---------------------------------------------------------------------- */

struct live_netns {
	uint64_t inode;
	struct live_keys pids; /* processes in it */
	char *path;            /* where it is mounted, when no process is in it; or NULL */
};
struct live_netnss {
	struct live_netns *v;
	size_t n, cap;
};
void live_netnss_done(struct live_netnss *l);
/** Runs `each` in a guarded child for every network namespace, in the order of their inodes, with the child moved
 * into it where we may. */
struct live_netns_at {
	uint64_t inode;
	bool inside; /* the child is in it: netlink and self/net are this namespace's */
	int net_fd;  /* the namespace's directory of /proc/.../net, or -1 */
};
struct live_netns_job {
	int (*each)(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at, void *arg,
		    struct pk_err *err);
	int (*data)(void *arg, uint64_t netns, struct pk_str bytes, struct pk_err *err); /* see live_guard */
	void *arg;
};
PK_NODISCARD int live_netns_run(const struct pk_live_ctx *ctx, struct pk_live_out *out,
				const struct live_netns_job *job, struct pk_err *err);

/* --- sockets -------------------------------------------------------------------------------------------- */

struct live_socket {
	uint64_t inode, netns, uid, peer_inode, rx_queue, tx_queue;
	int family, protocol;
	unsigned type, state, interface;
	bool hidden; /* not in /proc/net, though there */
	uint8_t local[16], remote[16];
	uint32_t local_port, remote_port;
	size_t text_at; /* in live_sockets.text: path, then socket filter */
	uint16_t path_n, filter_n;
};
struct live_sockets {
	struct live_socket *v;
	size_t n, cap;
	struct pk_buf text; /* paths and filters, one after the other */
};
void live_sockets_done(struct live_sockets *s);
/** All sockets of all network namespaces, sorted by inode, then by addresses. */
PK_NODISCARD int live_sockets_collect(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct live_sockets *ret,
				      struct pk_err *err);
struct pk_str live_socket_path(const struct live_sockets *s, size_t i);
struct pk_str live_socket_filter(const struct live_sockets *s, size_t i);
/** Collects one namespace's sockets by netlink; kinds that it cannot give are read from net_fd. */
PK_NODISCARD int live_sockets_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_at *at,
				 struct live_sockets *ret, struct pk_err *err);
PK_NODISCARD int live_sockets_add(struct live_sockets *s, struct live_socket k, struct pk_str path,
				  struct pk_str filter, struct pk_err *err);
/** The kinds that only /proc lists, or that netlink refused (bit 1 << kind). */
enum live_sock_kind {
	LIVE_TCP,
	LIVE_TCP6,
	LIVE_UDP,
	LIVE_UDP6,
	LIVE_UDPLITE,
	LIVE_UDPLITE6,
	LIVE_RAW,
	LIVE_RAW6,
	LIVE_ICMP,
	LIVE_ICMP6,
	LIVE_UNIX,
	LIVE_NETLINK,
	LIVE_PACKET,
	LIVE_SOCK_KINDS
};
PK_NODISCARD int live_sockets_from_proc(struct pk_live_out *out, int net_fd, uint64_t netns, unsigned kinds,
					struct live_sockets *ret, struct pk_err *err);
/** By NETLINK_SOCK_DIAG in the current namespace; *ret_done gets the kinds that were answered. */
PK_NODISCARD int live_sockets_from_diag(struct pk_live_out *out, uint64_t netns, unsigned *ret_done,
					struct live_sockets *ret, struct pk_err *err);

/* --- netlink (netlink.c) --------------------------------------------------------------------------------- */

struct nlmsghdr;
/** A netlink socket with receive timeout; -1 and errno. */
int live_nl_open(int protocol);
/** Sends a dump request and hands every answer to `each` (-1 stops and is returned as EIO). 0 or an errno. */
int live_nl_dump(int fd, const void *request, size_t n, int (*each)(void *arg, const struct nlmsghdr *msg), void *arg);
/** Next attribute of *rest; false at the end or when it does not fit. */
struct live_attr {
	unsigned type;
	struct pk_str value;
};
bool live_nl_attr(struct pk_str *rest, struct live_attr *ret);
/** The first attribute of a type. */
bool live_nl_find(struct pk_str rest, unsigned type, struct pk_str *ret);
/** The part of a message after a fixed header of n bytes; empty when it is shorter. */
struct pk_str live_nl_rest(const struct nlmsghdr *msg, size_t n);

/* --- shared with other tables ------------------------------------------------------------------------------ */

/** "socket:[123]" with prefix "socket:" gives 123. */
bool live_bracket_number(struct pk_str s, const char *prefix, uint64_t *ret);
PK_NODISCARD int live_list_numbers(int dirfd, struct live_keys *ret, struct pk_err *err);
const char *live_file_type(mode_t mode);
void live_kmode(struct pk_json *j, const char *key, mode_t mode); /* "0755" */

#endif
