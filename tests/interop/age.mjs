// SPDX-License-Identifier: Apache-2.0
// The TypeScript implementation of age (npm package age-encryption) as a filter between standard input and output.
// age.mjs NODE_MODULES new-pq | public IDENTITY
// age.mjs NODE_MODULES encrypt|decrypt (-r RECIPIENT | -i IDENTITY | -p PASSPHRASE | -a)...   -a: armored
import { webcrypto } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto; // node 18, which Debian 12 has, keeps it to itself
const [modules, verb, ...rest] = process.argv.slice(2);
const age = await import(pathToFileURL(join(modules, "age-encryption/dist/index.js")));
if (verb === "new-pq" || verb === "public") { // a new post-quantum identity; the recipient of an identity
	console.log(verb === "public" ? await age.identityToRecipient(rest[0]) : await age.generateHybridIdentity());
	process.exit(0);
}
const coder = verb === "encrypt" ? new age.Encrypter() : new age.Decrypter();
let armored = false;
for (let i = 0; i < rest.length; i++) {
	const value = rest[i + 1];
	switch (rest[i]) {
	case "-a": armored = true; continue;
	case "-r": coder.addRecipient(value); break;
	case "-i": coder.addIdentity(value); break;
	case "-p":
		if (verb === "encrypt") {
			coder.setPassphrase(value);
			coder.setScryptWorkFactor(12);
		} else {
			coder.addPassphrase(value);
		}
		break;
	default: throw new Error(`what is ${rest[i]}?`);
	}
	i++;
}
const input = new Uint8Array(readFileSync(0));
let output = verb === "encrypt" ? await coder.encrypt(input) : await coder.decrypt(input);
if (armored)
	output = Buffer.from(age.armor.encode(output));
for (let at = 0; at < output.length;)
	at += writeSync(1, output, at);
