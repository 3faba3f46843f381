/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of /proc text: stat, maps, net, mountinfo. */
#include "parse.h"

#include <arpa/inet.h>
#include <sys/socket.h>

bool live_parse_stat(struct pk_str text, struct live_stat *ret)
{
	struct pk_str f[22], rest;
	size_t open = pk_str_find(text, '('), close = text.n;
	uint64_t state_n;

	while (close > 0 && text.p[close - 1] != ')')
		close--;
	if (open == text.n || close <= open + 1)
		return false;
	*ret = (struct live_stat){0};
	ret->comm = pk_str_n(text.p + open + 1, close - 1 - (open + 1));
	if (!live_u64(pk_str_trim(pk_str_n(text.p, open)), &ret->pid))
		return false;
	rest = pk_str_trim(pk_str_n(text.p + close, text.n - close));
	for (size_t i = 0; i < PK_LEN(f); i++)
		if (!live_word(&rest, &f[i]))
			return false;
	if (f[0].n != 1)
		return false;
	ret->state = f[0].p[0];
	state_n = (unsigned char)ret->state;
	return state_n > 0x20 && state_n < 0x7f && live_i64(f[1], &ret->parent) && live_i64(f[2], &ret->pgroup) &&
	       live_i64(f[3], &ret->session) && live_i64(f[4], &ret->tty_nr) && live_u64(f[6], &ret->flags) &&
	       live_u64(f[11], &ret->utime) && live_u64(f[12], &ret->stime) && live_i64(f[16], &ret->nice) &&
	       live_i64(f[17], &ret->threads) && live_u64(f[19], &ret->start_ticks) && live_u64(f[20], &ret->vsize) &&
	       live_u64(f[21], &ret->rss_pages);
}

bool live_parse_map(struct pk_str line, struct live_map *ret)
{
	struct pk_str range, lo, offset, inode;

	*ret = (struct live_map){0};
	if (!live_word(&line, &range) || !live_word(&line, &ret->permissions) || !live_word(&line, &offset) ||
	    !live_word(&line, &ret->device) || !live_word(&line, &inode))
		return false;
	if (!pk_str_split(&range, '-', &lo) || !range.p || !live_hex(lo, &ret->start) || !live_hex(range, &ret->end) ||
	    !live_hex(offset, &ret->offset) || !live_u64(inode, &ret->inode) || ret->permissions.n != 4)
		return false;
	while (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = pk_str_n(line.p + 1, line.n - 1);
	ret->path = line;
	return true;
}

/* "0100007F:1F90": 32-bit words in the machine's order, which is little-endian wherever we run; the port in
 * hexadecimal as a number. */
static bool parse_address(struct pk_str s, bool six, uint8_t *addr, uint16_t *port)
{
	size_t words = six ? 4 : 1;
	uint64_t v;

	if (s.n != words * 8 + 5 || s.p[words * 8] != ':')
		return false;
	for (size_t i = 0; i < words; i++) {
		uint32_t w;

		if (!live_hex(pk_str_n(s.p + i * 8, 8), &v))
			return false;
		w = (uint32_t)v;
		memcpy(addr + i * 4, &w, 4);
	}
	if (!live_hex(pk_str_n(s.p + words * 8 + 1, 4), &v))
		return false;
	*port = (uint16_t)v;
	return true;
}

bool live_parse_inet(struct pk_str line, bool six, struct live_inet *ret)
{
	struct pk_str f[10], queue, lo;
	uint64_t state;

	*ret = (struct live_inet){.family = six ? AF_INET6 : AF_INET};
	for (size_t i = 0; i < PK_LEN(f); i++)
		if (!live_word(&line, &f[i]))
			return false;
	queue = f[4];
	if (!f[0].n || f[0].p[f[0].n - 1] != ':' || !parse_address(f[1], six, ret->local, &ret->local_port) ||
	    !parse_address(f[2], six, ret->remote, &ret->remote_port) || !live_hex(f[3], &state) || state > 255 ||
	    !pk_str_split(&queue, ':', &lo) || !queue.p || !live_hex(lo, &ret->tx_queue) ||
	    !live_hex(queue, &ret->rx_queue) || !live_u64(f[7], &ret->uid) || !live_u64(f[9], &ret->inode))
		return false;
	ret->state = (unsigned)state;
	return true;
}

bool live_parse_unix(struct pk_str line, struct live_unix *ret)
{
	struct pk_str f[7];

	*ret = (struct live_unix){0};
	for (size_t i = 0; i < PK_LEN(f); i++)
		if (!live_word(&line, &f[i]))
			return false;
	if (!live_hex(f[3], &ret->flags) || !live_hex(f[4], &ret->type) || !live_hex(f[5], &ret->state) ||
	    !live_u64(f[6], &ret->inode) || !f[0].n || f[0].p[f[0].n - 1] != ':')
		return false;
	if (line.n && line.p[0] == ' ')
		ret->path = pk_str_n(line.p + 1, line.n - 1);
	return true;
}

bool live_parse_mount(struct pk_str line, struct live_mount *ret)
{
	struct pk_str id, parent, first = {0}, last = {0}, w;

	*ret = (struct live_mount){0};
	if (!live_word(&line, &id) || !live_word(&line, &parent) || !live_word(&line, &ret->device_number) ||
	    !live_word(&line, &ret->root) || !live_word(&line, &ret->path) || !live_word(&line, &ret->options) ||
	    !live_u64(id, &ret->id) || !live_u64(parent, &ret->parent))
		return false;
	for (;;) {
		if (!live_word(&line, &w))
			return false;
		if (pk_str_eq(w, PK_STR("-")))
			break;
		if (!first.p)
			first = w;
		last = w;
	}
	if (first.p)
		ret->optional = pk_str_n(first.p, (size_t)(last.p + last.n - first.p));
	/* an empty source gives two blanks in a row: then the rest is the super block's options alone */
	if (!live_word(&line, &ret->type))
		return false;
	if (line.n >= 2 && line.p[0] == ' ' && line.p[1] == ' ')
		ret->source = pk_str_n(line.p + 1, 0);
	else if (!live_word(&line, &ret->source))
		return false;
	ret->super_options = pk_str_trim(line);
	return true;
}

void live_unescape(struct pk_buf *b, struct pk_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned v = 0;
		size_t k = 1;

		if (s.p[i] != '\\' || s.n - i < 4) {
			pk_buf_put_c(b, s.p[i]);
			continue;
		}
		for (; k < 4 && s.p[i + k] >= '0' && s.p[i + k] <= '7'; k++)
			v = v * 8 + (unsigned)(s.p[i + k] - '0');
		if (k < 4 || v > 255) {
			pk_buf_put_c(b, s.p[i]);
			continue;
		}
		pk_buf_put_c(b, (char)v);
		i += 3;
	}
}
