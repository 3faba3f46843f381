// SPDX-License-Identifier: Apache-2.0
// Runs every vector of the age test suite (npm package cctv-age) through picket-bundle decrypt: the exit code of its
// class, and the bytes that came out. TAP on standard output. Arguments: folder of node_modules, picket-bundle.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";

const [modules, bundle] = process.argv.slice(2);
const vectors = await import(pathToFileURL(join(modules, "cctv-age/index.js")));
const codes = {
	"success": 0, "no match": 10, "header failure": 11, "HMAC failure": 12, "payload failure": 13, "armor failure": 14,
};
const known = new Set(["expect", "payload", "identity", "passphrase", "armored", "compressed", "file key", "comment"]);
// opens nothing: for the vectors that need no key
const spare = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
const dir = mkdtempSync(join(tmpdir(), "cctv-"));

function parse(bytes) {
	let text = Buffer.from(bytes);
	const end = text.indexOf("\n\n");
	const v = { identity: [], passphrase: [], body: text.subarray(end + 2), unknown: [] };
	for (const line of text.subarray(0, end).toString("latin1").split("\n")) {
		const at = line.indexOf(": ");
		const key = line.slice(0, at), value = line.slice(at + 2);
		if (!known.has(key))
			v.unknown.push(key);
		if (Array.isArray(v[key]))
			v[key].push(value);
		else
			v[key] = value;
	}
	if (v.compressed === "zlib")
		v.body = inflateSync(v.body);
	return v;
}

// A file with passphrases is opened by one passphrase after the other until one is not refused as "no match".
function decrypt(v) {
	const input = join(dir, "input");
	writeFileSync(input, v.body);
	const runs = [];
	if (v.identity.length || !v.passphrase.length) {
		const ids = v.identity.length ? v.identity : [spare];
		const args = ["decrypt"];
		ids.forEach((id, i) => {
			writeFileSync(join(dir, `id${i}`), id + "\n", { mode: 0o600 });
			args.push("-i", join(dir, `id${i}`));
		});
		runs.push([args, ""]);
	}
	for (const pass of v.passphrase)
		runs.push([["decrypt", "--passphrase-fd", "3"], pass + "\n"]);
	let r;
	for (const [args, pass] of runs) {
		writeFileSync(join(dir, "pass"), pass, { mode: 0o600 });
		const fds = [openSync(input, "r"), openSync(join(dir, "pass"), "r")];
		r = spawnSync(bundle, args, { stdio: [fds[0], "pipe", "pipe", fds[1]], maxBuffer: 1 << 28 });
		fds.forEach((fd) => closeSync(fd));
		if (r.status !== codes["no match"])
			break;
	}
	return r;
}

let count = 0, failed = 0;
for (const name of Object.keys(vectors).sort()) {
	const v = parse(vectors[name]);
	const want = codes[v.expect];
	if (want === undefined || v.unknown.length) {
		console.log(`ok ${++count} - ${name} # SKIP has what this runner does not know: ${v.unknown.join(" ") || v.expect}`);
		continue;
	}
	const r = decrypt(v);
	const hash = createHash("sha256").update(r.stdout).digest("hex");
	const stderr = r.stderr.toString();
	const problems = [];
	if (r.status !== want)
		problems.push(`exit ${r.status ?? r.signal}, not ${want} (${v.expect})`);
	if (v.payload && hash !== v.payload)
		problems.push(`${r.stdout.length} bytes of ${hash} came out, not ${v.payload}`);
	if (!v.payload && r.stdout.length)
		problems.push(`${r.stdout.length} bytes came out`);
	if (want !== 0 && !/^picket-bundle: .+\n$/.test(stderr))
		problems.push(`not one line on standard error: ${JSON.stringify(stderr)}`);
	if (want === 0 && stderr)
		problems.push(`standard error: ${JSON.stringify(stderr)}`);
	console.log(`${problems.length ? "not " : ""}ok ${++count} - ${name}`);
	problems.forEach((p) => console.log(`# ${p}`));
	failed += problems.length > 0;
}
console.log(`1..${count}`);
rmSync(dir, { recursive: true });
process.exit(failed ? 1 : 0);
