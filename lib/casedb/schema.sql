-- SPDX-License-Identifier: Apache-2.0
-- The case database, version 1. `no` columns are local numbers: they are never exported; what other stations
-- know a thing by is its content-derived id. Times are whole seconds since the epoch and nanoseconds beside
-- them (t, ns), because what a hostile host claims need not fit 64 bits of nanoseconds.

CREATE TABLE meta(
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every file that ever came in as a bundle, whatever became of it.
CREATE TABLE intake(
	no INTEGER PRIMARY KEY,
	digest BLOB NOT NULL UNIQUE CHECK(length(digest) = 64), -- BLAKE2b-512 of the sealed file
	state TEXT NOT NULL CHECK(state IN ('imported', 'quarantined', 'superseded', 'refused')),
	verdict TEXT NOT NULL, -- ok, unsigned, altered, unknown issuer, revoked, expired, replayed, equivocation,
	                       -- not releasable, damaged; waiting: for the part that joins it to those of its ticket
	why TEXT NOT NULL,
	place TEXT UNIQUE,     -- below the case's folder; NULL when the file was not kept
	size INTEGER NOT NULL,
	source TEXT NOT NULL,  -- the name it came by
	first_intake TEXT NOT NULL, -- decimal seconds; never changed
	bundle BLOB,           -- id, once known
	ticket TEXT,
	issuer TEXT,
	accepted TEXT,         -- the reason it was released from quarantine for
	CHECK((state = 'refused') = (place IS NULL))
) STRICT;
-- A share that waits: the tickets of the collections that it has parts of. (Of a bundle, intake has it.)
CREATE TABLE waits(
	intake INTEGER NOT NULL REFERENCES intake(no),
	ticket TEXT NOT NULL,
	PRIMARY KEY(ticket, intake)
) STRICT, WITHOUT ROWID;
CREATE TABLE sidecar(
	intake INTEGER NOT NULL REFERENCES intake(no),
	suffix TEXT NOT NULL,
	sha256 BLOB NOT NULL,
	PRIMARY KEY(intake, suffix)
) STRICT, WITHOUT ROWID;

CREATE TABLE host(
	no INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,
	name TEXT NOT NULL,
	os TEXT NOT NULL,
	facts TEXT NOT NULL -- a JSON object
) STRICT;
CREATE INDEX host_name ON host(name);

CREATE TABLE bundle(
	no INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE CHECK(length(id) = 16),
	intake INTEGER NOT NULL REFERENCES intake(no), -- of the bundle, or of the first share of it
	host INTEGER NOT NULL REFERENCES host(no),
	trust TEXT NOT NULL CHECK(trust IN ('quarantined', 'ticketed', 'countersigned')),
	is_signed INTEGER NOT NULL,
	complete INTEGER NOT NULL,
	shared INTEGER NOT NULL DEFAULT 0, -- only parts of it are here, from shares
	ticket TEXT,
	ticket_once INTEGER NOT NULL,
	issuer TEXT,
	mission TEXT NOT NULL,
	profile TEXT NOT NULL,
	tlp TEXT NOT NULL,      -- the label; lists with commas
	rel_to TEXT NOT NULL,
	caveats TEXT NOT NULL,
	originators TEXT NOT NULL,
	part INTEGER,           -- of its collection, from 1; NULL: not known, since no share of it has record 0
	previous BLOB,          -- the part before it: id, root
	previous_root BLOB,
	leaves INTEGER NOT NULL,
	root BLOB NOT NULL,
	checkpoint TEXT NOT NULL,
	first_record TEXT NOT NULL,
	started TEXT NOT NULL,  -- decimal seconds on the host's clock, or empty
	imported TEXT NOT NULL
) STRICT;
CREATE INDEX bundle_ticket ON bundle(ticket);
CREATE INDEX bundle_intake ON bundle(intake);

-- Shares that came in: who handed part of which bundles on to us.
CREATE TABLE share(
	id BLOB PRIMARY KEY CHECK(length(id) = 16), -- its own bundle id
	intake INTEGER NOT NULL UNIQUE REFERENCES intake(no),
	ticket TEXT NOT NULL,
	sharer TEXT NOT NULL,
	nation TEXT NOT NULL,
	t TEXT NOT NULL,       -- of the handover, decimal seconds on the sharer's clock
	reason TEXT NOT NULL,
	tlp TEXT NOT NULL,
	rel_to TEXT NOT NULL,
	caveats TEXT NOT NULL,
	originators TEXT NOT NULL,
	leaves INTEGER NOT NULL, -- of its own log
	root BLOB NOT NULL,
	handover TEXT NOT NULL -- the signed record
) STRICT, WITHOUT ROWID;
CREATE INDEX share_ticket ON share(ticket);
CREATE TABLE share_part(
	share BLOB NOT NULL REFERENCES share(id),
	bundle BLOB NOT NULL CHECK(length(bundle) = 16), -- the collecting bundle's id
	records INTEGER NOT NULL,
	contents INTEGER NOT NULL,
	PRIMARY KEY(share, bundle)
) STRICT, WITHOUT ROWID;

-- Where content is: sealed in its bundle, found again by the leaf of its 'c' record; or, when it came by a share, in that
-- share's file under a leaf of its own.
CREATE TABLE content(
	bundle INTEGER NOT NULL REFERENCES bundle(no),
	leaf INTEGER NOT NULL,
	sha256 BLOB NOT NULL,
	size INTEGER NOT NULL,
	sha256_logical BLOB,
	logical INTEGER,
	flags TEXT NOT NULL,
	intake INTEGER REFERENCES intake(no), -- of the share that has it; NULL: the bundle itself
	at INTEGER,                           -- leaf there
	CHECK((intake IS NULL) = (at IS NULL)),
	PRIMARY KEY(bundle, leaf)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_sha256 ON content(sha256);
CREATE INDEX content_logical ON content(sha256_logical) WHERE sha256_logical IS NOT NULL;

CREATE TABLE file(
	no INTEGER PRIMARY KEY,
	bundle INTEGER NOT NULL REFERENCES bundle(no),
	leaf INTEGER NOT NULL,
	host INTEGER NOT NULL REFERENCES host(no),
	path TEXT NOT NULL,   -- the raw path, or where that is no UTF-8, the same with U+FFFD for what is not
	path_raw BLOB,        -- only where that is no UTF-8
	name TEXT NOT NULL,   -- last component of path
	kind TEXT NOT NULL,
	mode INTEGER,
	uid INTEGER,
	gid INTEGER,
	user TEXT,
	"group" TEXT,
	size INTEGER,
	mt INTEGER, mt_ns INTEGER,
	at INTEGER, at_ns INTEGER,
	ct INTEGER, ct_ns INTEGER,
	bt INTEGER, bt_ns INTEGER,
	outcome TEXT NOT NULL,
	why TEXT,
	content INTEGER,      -- leaf of the 'c' record
	sha256 BLOB,          -- of that content
	via TEXT,             -- names of the artefacts that asked for it
	more TEXT,            -- what else the record holds, as JSON: target, dev, ino, nlink, xattrs, flags
	UNIQUE(bundle, leaf)
) STRICT;
CREATE INDEX file_sha256 ON file(sha256, host) WHERE sha256 IS NOT NULL;
CREATE INDEX file_path ON file(path, sha256, host);
CREATE INDEX file_content ON file(bundle, content) WHERE content IS NOT NULL;
CREATE INDEX file_outcome ON file(host, outcome, why);

-- One row per file and distinct time; `what` is a set of bits: 1 modified, 2 accessed, 4 changed, 8 born.
-- By host first: a timeline over hosts is merged from one ordered walk for each.
CREATE TABLE ftime(
	host INTEGER NOT NULL REFERENCES host(no),
	t INTEGER NOT NULL,
	ns INTEGER NOT NULL,
	file INTEGER NOT NULL, -- file(no); no foreign key: it would cost a second index of this size
	what INTEGER NOT NULL,
	PRIMARY KEY(host, t, ns, file)
) STRICT, WITHOUT ROWID;

-- Rows of live tables as the collector wrote them.
CREATE TABLE live(
	no INTEGER PRIMARY KEY,
	bundle INTEGER NOT NULL REFERENCES bundle(no),
	leaf INTEGER NOT NULL, -- of the 'l' record
	seq INTEGER NOT NULL,  -- row in that segment, from 0
	host INTEGER NOT NULL REFERENCES host(no),
	tbl TEXT NOT NULL,
	row TEXT NOT NULL,
	UNIQUE(bundle, leaf, seq)
) STRICT;
CREATE INDEX live_table ON live(tbl, host);

-- Moments found in live tables and, by the parsers of lib/timeline, in collected files.
CREATE TABLE event(
	no INTEGER PRIMARY KEY,
	bundle INTEGER NOT NULL REFERENCES bundle(no),
	host INTEGER NOT NULL REFERENCES host(no),
	t INTEGER NOT NULL,
	ns INTEGER NOT NULL,
	src TEXT NOT NULL,     -- live table or parser
	what TEXT NOT NULL,    -- "process started"
	msg TEXT NOT NULL,
	live INTEGER REFERENCES live(no),
	file INTEGER REFERENCES file(no)
) STRICT;
CREATE INDEX event_time ON event(host, t, ns);
CREATE INDEX event_bundle ON event(bundle);
CREATE INDEX event_file ON event(file) WHERE file IS NOT NULL;
CREATE INDEX event_live ON event(live) WHERE live IS NOT NULL;

CREATE TABLE hit(
	no INTEGER PRIMARY KEY,
	bundle INTEGER NOT NULL REFERENCES bundle(no),
	leaf INTEGER NOT NULL,
	host INTEGER NOT NULL REFERENCES host(no),
	id BLOB NOT NULL,      -- SHA-256 over rule, content and strings: the same finding elsewhere has the same
	rule TEXT NOT NULL,
	namespace TEXT NOT NULL,
	severity TEXT NOT NULL,
	description TEXT NOT NULL,
	of INTEGER,            -- leaf it is about
	sha256 BLOB,
	meta TEXT NOT NULL,
	strings TEXT NOT NULL,
	UNIQUE(bundle, leaf)
) STRICT;
CREATE INDEX hit_rule ON hit(rule);
CREATE INDEX hit_of ON hit(bundle, of);
CREATE INDEX hit_sha256 ON hit(sha256) WHERE sha256 IS NOT NULL;

-- What else the record log holds: 'e' and 'u' records, and lines that continue another ("more_of").
CREATE TABLE run(
	bundle INTEGER NOT NULL REFERENCES bundle(no),
	leaf INTEGER NOT NULL,
	type TEXT NOT NULL,
	more_of INTEGER,
	line TEXT NOT NULL,
	PRIMARY KEY(bundle, leaf)
) STRICT, WITHOUT ROWID;

-- Opinions: an append-only log of operations. tag and note are folded from it and can be rebuilt.
CREATE TABLE op(
	seq INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE, -- SHA-256 of the line
	team TEXT NOT NULL,
	lamport INTEGER NOT NULL,
	t TEXT NOT NULL,
	author TEXT NOT NULL,
	kind TEXT NOT NULL,
	target TEXT NOT NULL,
	body TEXT NOT NULL,
	line TEXT NOT NULL
) STRICT;
CREATE TABLE tag(
	target TEXT NOT NULL,
	tag TEXT NOT NULL,
	op INTEGER NOT NULL REFERENCES op(seq),
	host TEXT NOT NULL, -- what the target is, in words
	what TEXT NOT NULL,
	PRIMARY KEY(target, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_tag ON tag(tag);
CREATE TABLE note(
	op INTEGER PRIMARY KEY REFERENCES op(seq),
	target TEXT NOT NULL,
	host TEXT NOT NULL,
	what TEXT NOT NULL,
	body TEXT NOT NULL
) STRICT;
CREATE INDEX note_target ON note(target);

-- Who did what with the evidence: append-only, each line a leaf of an RFC 6962 tree.
CREATE TABLE custody(
	seq INTEGER PRIMARY KEY,
	line TEXT NOT NULL,
	leaf BLOB NOT NULL CHECK(length(leaf) = 32)
) STRICT;
-- Tree heads that were shown to someone: later trees must contain them.
CREATE TABLE head(
	size INTEGER PRIMARY KEY,
	root BLOB NOT NULL,
	note TEXT NOT NULL -- the signed note with all cosignatures that came back; empty when unsigned
) STRICT;
-- Checkpoints of others' logs that this case cosigned.
CREATE TABLE cosigned(
	origin TEXT NOT NULL,
	size INTEGER NOT NULL,
	root BLOB NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY(origin, size)
) STRICT;

CREATE TRIGGER custody_update BEFORE UPDATE ON custody BEGIN SELECT raise(ABORT, 'custody is append-only'); END;
CREATE TRIGGER custody_delete BEFORE DELETE ON custody BEGIN SELECT raise(ABORT, 'custody is append-only'); END;
CREATE TRIGGER op_update BEFORE UPDATE ON op BEGIN SELECT raise(ABORT, 'operations are append-only'); END;
CREATE TRIGGER op_delete BEFORE DELETE ON op BEGIN SELECT raise(ABORT, 'operations are append-only'); END;
CREATE TRIGGER intake_delete BEFORE DELETE ON intake BEGIN SELECT raise(ABORT, 'intake is append-only'); END;
CREATE TRIGGER intake_update BEFORE UPDATE OF digest, size, first_intake ON intake
	WHEN new.digest <> old.digest OR new.size <> old.size OR new.first_intake <> old.first_intake
	BEGIN SELECT raise(ABORT, 'the first intake stays'); END;

-- Full text. External content: the text itself is in the tables above.
CREATE VIRTUAL TABLE ftext USING fts5(path, content = 'file', content_rowid = 'no', columnsize = 0,
	tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE fname USING fts5(name, content = 'file', content_rowid = 'no', columnsize = 0,
	tokenize = 'trigram');
CREATE VIRTUAL TABLE ltext USING fts5(row, content = 'live', content_rowid = 'no', columnsize = 0,
	tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE etext USING fts5(msg, content = 'event', content_rowid = 'no', columnsize = 0,
	tokenize = "unicode61 remove_diacritics 0");
-- fewer, larger pieces while a bundle is taken in
INSERT INTO ftext(ftext, rank) VALUES('hashsize', 16777216);
INSERT INTO fname(fname, rank) VALUES('hashsize', 16777216);
INSERT INTO ltext(ltext, rank) VALUES('hashsize', 16777216);

PRAGMA application_id = 1347109681; -- 0x504B4331, "PKC1"
PRAGMA user_version = 1;
