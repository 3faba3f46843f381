/* SPDX-License-Identifier: Apache-2.0 */
/* What verify says of a share: who collected it, who passed it on, what is proven and what is not. */
#include "verbs.h"

static void put_time(struct pk_buf *b, struct pk_time t) { pk_buf_put_rfc3339(b, (struct pk_time){.sec = t.sec}, 0); }

static void put_short(struct pk_buf *b, const uint8_t id[16]) { pk_buf_put_hex(b, id, 4); }

/* The host's name as leaf 0 has it, made safe; false when leaf 0 was kept back or says none. */
static bool host_of(const struct pk_share_source *s, struct pk_buf *ret)
{
	PK_AUTO(pk_buf) name = {0};
	pk_autojson *first = NULL;
	const struct pk_json_value *host = NULL;

	if (!s->first_record.n || pk_json_parse(pk_buf_str(&s->first_record), &first, NULL) < 0 ||
	    !(host = pk_json_get(first, "host")) || !pk_json_get_bytes(host, "hostname", &name))
		return false;
	pk_buf_put_safe(ret, pk_buf_str(&name));
	return true;
}

static void put_basis(struct pk_buf *b, const struct pk_release *r)
{
	if (r->by_originator)
		pk_buf_putf(b, "beyond its label, by its originator %s: %s", r->signer, r->reason);
	else
		pk_buf_putf(b, "beyond its label, by override of %s and %s: %s", r->signer, r->second, r->reason);
}

static void print_source(const struct pk_share_source *s, const struct pk_share_opinion *o)
{
	PK_AUTO(pk_buf) b = {0}, host = {0};
	size_t n = 0;

	put_short(&b, s->id);
	pk_buf_putf(&b, ": %llu of its %s%llu records, %llu of them contents", (unsigned long long)s->records,
		    s->incomplete ? "first " : "", (unsigned long long)s->size, (unsigned long long)s->contents);
	if (s->incomplete)
		pk_buf_puts(&b, "; INCOMPLETE: what followed was cut off or damaged when it was shared");
	if (o->status == PK_TRUST_OK)
		pk_buf_putf(&b, "; collected under a ticket of %s (%s)", o->issuer, o->nation);
	else
		pk_buf_putf(&b, "; %s: %s", pk_trust_name(o->status), o->why);
	if (host_of(s, &host))
		pk_buf_putf(&b, "; host %s", host.p);
	else
		pk_buf_puts(&b, "; host not told");
	if (!b.oom)
		printf("part of    %s\n", b.p);
	for (size_t i = 0; i < s->earlier_n; i++) {
		PK_AUTO(pk_buf) when = {0};

		put_time(&when, s->earlier[i].says.time);
		for (size_t k = 0; k < s->earlier[i].releases; k++) {
			pk_buf_puts(&when, "; ");
			put_basis(&when, &s->earlier[i].release[k].release);
			if (o->unproven[n++])
				pk_buf_puts(&when, " (NOT PROVEN: signed by a key that the roster does not have)");
		}
		if (!when.oom)
			printf("by way of  %s, %s\n", o->by_way_of.v[i], when.p);
	}
}

static void print_receipt(const struct pk_share_source *s, const struct pk_share_opinion *o)
{
	const struct pk_receipt *r = &s->receipt;
	PK_AUTO(pk_buf) b = {0};

	put_short(&b, s->id);
	if (o->receipt_why) {
		pk_buf_putf(&b, ": its receipt is not believed: %s", o->receipt_why);
	} else {
		pk_buf_puts(&b, " whole by ");
		put_time(&b, (struct pk_time){.sec = r->time});
		pk_buf_putf(&b, " at %s%s%s, as %s attests", r->place, r->person ? ": " : "",
			    r->person ? r->person : "", r->signer);
		if (o->own_receipt)
			pk_buf_puts(&b, ", who shares it: that counts for nothing");
		if (r->time < s->ticket.not_before.sec)
			pk_buf_puts(&b, "; BEFORE its ticket is valid");
	}
	if (!b.oom)
		printf("received   %s\n", b.p);
}

static void print_proven(const struct pk_share_source *s, const struct pk_share_opinion *o)
{
	PK_AUTO(pk_buf) from = {0}, till = {0}, id = {0};
	struct pk_time last = s->ticket.not_after;

	if (o->countersigned)
		last = (struct pk_time){.sec = s->receipt.time};

	put_time(&from, s->ticket.not_before);
	put_time(&till, last);
	put_short(&id, s->id);
	if (from.oom || till.oom || id.oom)
		return;
	if (o->status == PK_TRUST_OK)
		printf("proven     what is here of bundle %s is what was sealed under that ticket of %s, byte for "
		       "byte\n",
		       id.p, o->issuer);
	printf("not proven when bundle %s was collected (its ticket is valid from %s%s%s), what else was in it, and "
	       "that its host told the truth\n",
	       id.p, from.p, o->countersigned ? ", and it was received by " : " to ", till.p);
	if (o->part_why)
		printf("not proven of bundle %s: %s\n", id.p, o->part_why);
}

static size_t print_releases(const struct pk_share_source *s)
{
	for (size_t i = 0; i < s->releases; i++) {
		PK_AUTO(pk_buf) b = {0};

		put_short(&b, s->id);
		pk_buf_put_c(&b, ' ');
		put_basis(&b, &s->release[i].release);
		if (!b.oom)
			printf("released   part of bundle %s\n", b.p);
	}
	return s->releases;
}

void bundle_print_share(const struct pk_bundle *b, const struct pk_share_judgement *j)
{
	const struct pk_handover *h = &pk_bundle_handover(b)->says;
	PK_AUTO(pk_buf) when = {0};
	size_t n = 0, releases = 0;
	const struct pk_share_source *s = pk_bundle_sources(b, &n);

	put_time(&when, h->time);
	if (when.oom)
		return;
	printf("share      %llu records, by %s%s%s%s, %s%s%s\n", (unsigned long long)h->records,
	       j->sharer ? j->sharer : h->by, j->nation ? " (" : "", j->nation ? j->nation : "", j->nation ? ")" : "",
	       when.p, h->reason ? ": " : "", h->reason ? h->reason : "");
	for (size_t i = 0; i < n; i++)
		print_source(&s[i], &j->source[i]);
	for (size_t i = 0; i < n; i++)
		if (s[i].receipt_text.n)
			print_receipt(&s[i], &j->source[i]);
	for (size_t i = 0; i < n && j->status == PK_TRUST_OK; i++)
		releases += print_releases(&s[i]);
	if (j->status == PK_TRUST_OK)
		printf("permitted  by the labels of all of it%s, for every reader that the roster knows\n",
		       releases ? " and these releases" : "");
	else
		printf("refused    %s: %s\n", pk_trust_name(j->status), j->why);
	for (size_t i = 0; i < n; i++)
		print_proven(&s[i], &j->source[i]);
	if (j->unknown_readers)
		printf("not proven who %llu of the readers are: the roster does not have them\n",
		       (unsigned long long)j->unknown_readers);
	if (j->unknown_handovers)
		printf("not proven who signed %llu of the earlier handovers: the roster does not have their keys\n",
		       (unsigned long long)j->unknown_handovers);
	if (j->unknown_releases)
		printf("not proven who signed %llu of their releases: the roster does not have the keys\n",
		       (unsigned long long)j->unknown_releases);
}

static void put_receipt(struct pk_json *json, const struct pk_share_source *s, const struct pk_share_opinion *o)
{
	const struct pk_receipt *r = &s->receipt;
	PK_AUTO(pk_buf) when = {0};

	pk_buf_put_time(&when, (struct pk_time){.sec = r->time});
	pk_json_key(json, "receipt");
	pk_json_begin(json, '{');
	pk_json_kbool(json, "holds", o->countersigned);
	if (o->own_receipt)
		pk_json_kbool(json, "own", true);
	if (o->receipt_why)
		pk_json_kbytes(json, "why", pk_str(o->receipt_why));
	pk_json_kz(json, "signer", r->signer);
	pk_json_kstr(json, "time", pk_buf_str(&when));
	pk_json_kz(json, "place", r->place);
	if (r->person)
		pk_json_kz(json, "person", r->person);
	if (o->countersigned && r->time < s->ticket.not_before.sec)
		pk_json_kbool(json, "early", true);
	pk_json_khex(json, "blake2b", r->digest, 64);
	pk_json_end(json, '}');
}

static void put_source(struct pk_json *json, const struct pk_share_source *s, const struct pk_share_opinion *o)
{
	PK_AUTO(pk_buf) host = {0}, label = {0};

	pk_json_begin(json, '{');
	pk_json_khex(json, "bundle", s->id, 16);
	pk_json_kz(json, "verdict", pk_trust_name(o->status));
	if (o->why)
		pk_json_kbytes(json, "why", pk_str(o->why));
	if (o->issuer) {
		pk_json_kz(json, "issuer", o->issuer);
		pk_json_kz(json, "nation", o->nation);
	}
	pk_json_khex(json, "ticket", s->ticket.id, 16);
	pk_json_kuint(json, "leaves", s->size);
	pk_json_kbool(json, "complete", !s->incomplete);
	pk_json_khex(json, "root", s->root, 32);
	pk_json_kuint(json, "records", s->records);
	pk_json_kuint(json, "contents", s->contents);
	pk_buf_put_label_shown(&label, &s->label);
	json->out->oom |= label.oom;
	pk_json_kstr(json, "label", pk_buf_str(&label));
	if (host_of(s, &host))
		pk_json_kstr(json, "host", pk_buf_str(&host));
	if (o->part_why)
		pk_json_kbytes(json, "part_why", pk_str(o->part_why));
	if (s->receipt_text.n)
		put_receipt(json, s, o);
	pk_json_key(json, "by_way_of");
	pk_json_begin(json, '[');
	for (size_t i = 0; i < s->earlier_n; i++)
		pk_json_z(json, o->by_way_of.v[i]);
	pk_json_end(json, ']');
	pk_json_key(json, "earlier_releases");
	pk_json_begin(json, '[');
	pk_json_put_earlier_releases(json, s, o);
	pk_json_end(json, ']');
	pk_json_key(json, "releases"); /* as they claim: the share's verdict says whether they hold */
	pk_json_begin(json, '[');
	pk_json_put_source_releases(json, s);
	pk_json_end(json, ']');
	pk_json_end(json, '}');
}

void bundle_put_share(struct pk_json *json, const struct pk_bundle *b, const struct pk_share_judgement *j)
{
	const struct pk_handover *h = &pk_bundle_handover(b)->says;
	PK_AUTO(pk_buf) when = {0};
	size_t n = 0;
	const struct pk_share_source *s = pk_bundle_sources(b, &n);

	pk_buf_put_time(&when, h->time);
	pk_json_key(json, "share");
	pk_json_begin(json, '{');
	pk_json_kz(json, "verdict", pk_trust_name(j->status));
	if (j->why)
		pk_json_kbytes(json, "why", pk_str(j->why));
	pk_json_kz(json, "by", j->sharer);
	pk_json_kz(json, "nation", j->nation);
	pk_json_kstr(json, "time", pk_buf_str(&when));
	pk_json_kz(json, "reason", h->reason);
	pk_json_kuint(json, "records", h->records);
	pk_json_kuint(json, "unknown_readers", j->unknown_readers);
	pk_json_kuint(json, "unknown_handovers", j->unknown_handovers);
	pk_json_kuint(json, "unknown_releases", j->unknown_releases);
	pk_json_key(json, "sources");
	pk_json_begin(json, '[');
	for (size_t i = 0; i < n; i++)
		put_source(json, &s[i], &j->source[i]);
	pk_json_end(json, ']');
	pk_json_end(json, '}');
}
