/* SPDX-License-Identifier: Apache-2.0 */
/** A mission: what a kit is told to do. Stored as mission.json inside the kit (see kit.h):
 *
 *     {"v":1,"mission":"HARBOR","issuer":"lead","built":"RFC 3339","version":"0.1.0","host":"web01",
 *      "profile":"triage","artefacts":[],"label":{"tlp":"AMBER","rel_to":["JPN","USA"]},
 *      "readers":[{"name":"lead","org":"CPT-7","nation":"USA","recipient":"age1..."}],
 *      "max_file":0,"max_total":0,"max_scan":0,"globstar":0,"live":true,"walk":"profile"}
 * host (a pseudonym, for kits made for one host), artefacts and the limits are optional; unknown members are refused. */
#ifndef PICKET_MISSION_H
#define PICKET_MISSION_H

#include <picket/label.h>

struct pk_reader {
	char *name, *org, *nation; /* NULL for a recipient that is no party of the roster */
	char *recipient;
};
enum pk_walk { PK_WALK_PROFILE, PK_WALK_YES, PK_WALK_NO };
/** Zero-initialise. */
struct pk_mission {
	char *mission, *issuer, *built, *version, *host, *profile;
	struct pk_strv artefacts;
	struct pk_label label;
	struct pk_reader *readers;
	size_t readers_n, readers_cap;
	uint64_t max_file, max_total, max_scan; /* 0: none */
	uint64_t globstar;                      /* 0: the default */
	bool live;
	bool pad; /* the bundle (seal.h) */
	enum pk_walk walk;
};
void pk_mission_done(struct pk_mission *m);
PK_NODISCARD int pk_mission_add_reader(struct pk_mission *m, const char *name, const char *org, const char *nation,
				       const char *recipient, struct pk_err *err);
PK_NODISCARD int pk_mission_parse(struct pk_str text, struct pk_mission *ret, struct pk_err *err);
void pk_buf_put_mission(struct pk_buf *b, const struct pk_mission *m);

#endif
