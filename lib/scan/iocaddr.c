/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and networks: strict reading, one way of writing. */
#include "iocset.h"

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static int hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool read_v4(struct pk_str s, uint8_t ret[4])
{
	struct pk_str part;
	size_t n = 0;

	while (pk_str_split(&s, '.', &part)) {
		uint64_t v;

		if (n == 4 || !pk_str_u64(part, 255, &v))
			return false;
		ret[n++] = (uint8_t)v;
	}
	return n == 4;
}

/* Groups up to the end of s; the last may be an IPv4 address. *ret_n bytes. */
static bool read_groups(struct pk_str s, uint8_t ret[16], size_t *ret_n)
{
	struct pk_str part;

	*ret_n = 0;
	if (s.n == 0)
		return true;
	while (pk_str_split(&s, ':', &part)) {
		unsigned v = 0;

		if (!s.p && part.n > 4) { /* the last one */
			if (*ret_n > 12 || !read_v4(part, ret + *ret_n))
				return false;
			*ret_n += 4;
			return true;
		}
		if (part.n == 0 || part.n > 4 || *ret_n > 14)
			return false;
		for (size_t i = 0; i < part.n; i++) {
			int d = hex_value(part.p[i]);

			if (d < 0)
				return false;
			v = v << 4 | (unsigned)d;
		}
		ret[(*ret_n)++] = (uint8_t)(v >> 8);
		ret[(*ret_n)++] = (uint8_t)v;
	}
	return true;
}

static bool read_v6(struct pk_str s, uint8_t ret[16])
{
	uint8_t head[16] = {0}, tail[16] = {0};
	size_t gap = 0, head_n, tail_n;

	while (gap + 1 < s.n && (s.p[gap] != ':' || s.p[gap + 1] != ':'))
		gap++;
	if (gap + 1 >= s.n)
		return read_groups(s, ret, &head_n) && head_n == 16;
	if (!read_groups(pk_str_n(s.p, gap), head, &head_n) ||
	    !read_groups(pk_str_n(s.p + gap + 2, s.n - gap - 2), tail, &tail_n) || head_n + tail_n > 14)
		return false;
	memset(ret, 0, 16);
	memcpy(ret, head, head_n);
	memcpy(ret + 16 - tail_n, tail, tail_n);
	return true;
}

static void clear_host_bits(struct pk_ioc_net *net)
{
	for (unsigned bit = net->prefix; bit < 128; bit++)
		net->addr[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

bool pk_ioc_net_parse(struct pk_str s, bool may_net, struct pk_ioc_net *ret)
{
	struct pk_ioc_net net = {.prefix = 128};
	size_t slash = pk_str_find(s, '/');
	struct pk_str addr = pk_str_n(s.p, slash);
	uint64_t prefix;
	bool v4 = pk_str_find(addr, ':') == addr.n;

	if (slash < s.n && !may_net)
		return false;
	if (v4) {
		memcpy(net.addr, mapped, sizeof(mapped));
		if (!read_v4(addr, net.addr + 12))
			return false;
	} else if (!read_v6(addr, net.addr)) {
		return false;
	}
	if (slash < s.n) {
		if (!pk_str_u64(pk_str_n(s.p + slash + 1, s.n - slash - 1), v4 ? 32 : 128, &prefix))
			return false;
		net.prefix = (uint8_t)(v4 ? prefix + 96 : prefix);
		clear_host_bits(&net);
	}
	*ret = net;
	return true;
}

bool pk_ioc_net_is_v4(const struct pk_ioc_net *net)
{
	return net->prefix >= 96 && memcmp(net->addr, mapped, sizeof(mapped)) == 0;
}

/* The longest run of at least two groups of zero. */
static void find_gap(const uint8_t *a, size_t *ret_from, size_t *ret_n)
{
	*ret_from = 8;
	*ret_n = 1;
	for (size_t i = 0; i < 8; i++) {
		size_t n = 0;

		while (i + n < 8 && a[2 * (i + n)] == 0 && a[2 * (i + n) + 1] == 0)
			n++;
		if (n > *ret_n) {
			*ret_from = i;
			*ret_n = n;
		}
	}
}

void pk_ioc_net_put(struct pk_buf *b, const struct pk_ioc_net *net)
{
	const uint8_t *a = net->addr;
	size_t gap, gap_n;

	if (pk_ioc_net_is_v4(net)) {
		pk_buf_putf(b, "%u.%u.%u.%u", a[12], a[13], a[14], a[15]);
		return;
	}
	find_gap(a, &gap, &gap_n);
	for (size_t i = 0; i < 8; i++) {
		if (i == gap) {
			pk_buf_puts(b, i == 0 ? "::" : ":");
			i += gap_n - 1;
			continue;
		}
		pk_buf_putf(b, "%x%s", (unsigned)(a[2 * i] << 8 | a[2 * i + 1]), i < 7 ? ":" : "");
	}
}
