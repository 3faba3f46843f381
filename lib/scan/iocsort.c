/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted tables of records of one size: made once, searched by halving. */
#include "iocset.h"

#define BUCKETS 65536u
#define SMALL 24u /* records that are sorted by insertion */

const uint8_t pk_ioc_digest_size[PK_IOC_HASH_TABLES] = {16, 20, 32};

struct records {
	uint8_t *p;
	size_t n, size, key;
};

static uint8_t *at(const struct records *r, size_t i) { return r->p + i * r->size; }

static bool less(const struct records *r, size_t a, size_t b) { return memcmp(at(r, a), at(r, b), r->key) < 0; }

static void swap(const struct records *r, size_t a, size_t b)
{
	uint8_t *p = at(r, a), *q = at(r, b);

	for (size_t i = 0; i < r->size; i++) {
		uint8_t t = p[i];

		p[i] = q[i];
		q[i] = t;
	}
}

static void sink(const struct records *r, size_t i, size_t n)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			return;
		if (child + 1 < n && less(r, child, child + 1))
			child++;
		if (!less(r, i, child))
			return;
		swap(r, i, child);
		i = child;
	}
}

/* Never slower than n log n, whatever an author of hashes comes up with. */
static void heap_sort(const struct records *r)
{
	for (size_t i = r->n / 2; i > 0; i--)
		sink(r, i - 1, r->n);
	for (size_t n = r->n; n > 1; n--) {
		swap(r, 0, n - 1);
		sink(r, 0, n - 1);
	}
}

static void sort_few(const struct records *r)
{
	if (r->n > SMALL) {
		heap_sort(r);
		return;
	}
	for (size_t i = 1; i < r->n; i++)
		for (size_t k = i; k > 0 && less(r, k, k - 1); k--)
			swap(r, k, k - 1);
}

bool pk_ioc_sort(void *records, size_t n, size_t size, size_t key)
{
	struct records all = {records, n, size, key};
	pk_autofree uint8_t *copy = NULL;
	pk_autofree size_t *end = NULL;
	size_t sum = 0;

	if (n < 512) {
		sort_few(&all);
		return true;
	}
	/* hashes are spread evenly: one pass by their first two bytes leaves a handful in each bucket */
	copy = malloc(n * size);
	end = calloc(BUCKETS, sizeof(*end));
	if (!copy || !end)
		return false;
	memcpy(copy, records, n * size);
	for (size_t i = 0; i < n; i++)
		end[copy[i * size] << 8 | copy[i * size + 1]]++;
	for (size_t i = 0; i < BUCKETS; i++) {
		size_t here = end[i];

		end[i] = sum;
		sum += here;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(at(&all, end[copy[i * size] << 8 | copy[i * size + 1]]++), copy + i * size, size);
	for (size_t i = 0, from = 0; i < BUCKETS; from = end[i++]) {
		struct records part = {at(&all, from), end[i] - from, size, key};

		sort_few(&part);
	}
	return true;
}

size_t pk_ioc_lower_bound(const void *records, size_t n, size_t size, const void *want, size_t key)
{
	const uint8_t *p = records;
	size_t from = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (memcmp(p + (from + half) * size, want, key) < 0) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return from;
}
