// SPDX-License-Identifier: Apache-2.0

// Checks notes and trees of ours with golang.org/x/mod (Debian: golang-golang-x-mod-dev).
//
//	notes vectors FILE            prints tests/unit/merkle_vectors.h as Go's tlog makes it
//	notes keys NOTEKEY NOTEPUB    signs with the one, opens with the other
//	notes proofs PROOF...         checks C2SP tlog-proofs under the ticket beside them: meta/shares/ID/N.tlog-proof of a share
//	notes log NOTEPUB CHECKPOINT RECORDS...
//	                              opens a checkpoint and computes its root from the lines of the records
//	notes continues NOTEPUB OLD NEW
//	                              checks the proof in NEW ("old N", hashes, an empty line, the note) from OLD
//	notes opens NOTEPUB NOTE      opens a note, whatever its text is
//	notes cosigned VKEY NOTE      checks a cosignature (0x04) and prints its time
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "notes:", err)
		os.Exit(1)
	}
}

func read(path string) string {
	b, err := os.ReadFile(path)
	check(err)
	return string(b)
}

// A whole log in memory, as tlog wants to read it.
type store struct{ hashes []tlog.Hash }

func (s *store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, s.hashes[i])
	}
	return out, nil
}

func (s *store) add(n int64, record string) {
	h, err := tlog.StoredHashes(n, []byte(record), s)
	check(err)
	s.hashes = append(s.hashes, h...)
}

func root(n int64, s *store) tlog.Hash {
	h, err := tlog.TreeHash(n, s)
	check(err)
	return h
}

func hex(hashes []tlog.Hash) string {
	var b strings.Builder
	for _, h := range hashes {
		fmt.Fprintf(&b, "%x", h[:])
	}
	return b.String()
}

// The sizes that the vectors have, read from the file that is to be confirmed.
func vectors(path string) {
	var s store
	for i := int64(0); i < 100; i++ {
		s.add(i, fmt.Sprintf("leaf %d", i))
	}
	table := ""
	for _, line := range strings.Split(strings.TrimSuffix(read(path), "\n"), "\n") {
		var a, b int64
		switch {
		case strings.HasPrefix(line, "static const struct"):
			table = line
		case !strings.HasPrefix(line, "\t{"):
		case strings.Contains(table, "vector_roots"):
			_, err := fmt.Sscanf(line, "\t{%d,", &a)
			check(err)
			if a == 0 { // this tlog has no hash for the empty tree
				break
			}
			line = fmt.Sprintf("\t{%d, \"%s\"},", a, hex([]tlog.Hash{root(a, &s)}))
		default:
			_, err := fmt.Sscanf(line, "\t{%d, %d,", &a, &b)
			check(err)
			var proof []tlog.Hash
			if strings.Contains(table, "vector_inclusion") {
				var p tlog.RecordProof
				p, err = tlog.ProveRecord(b, a, &s)
				proof = p
			} else {
				var p tlog.TreeProof
				p, err = tlog.ProveTree(b, a, &s)
				proof = p
			}
			check(err)
			line = fmt.Sprintf("\t{%d, %d, \"%s\"},", a, b, hex(proof))
		}
		fmt.Println(line)
	}
}

func keys(secret, public string) {
	signer, err := note.NewSigner(strings.TrimSpace(read(secret)))
	check(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(read(public)))
	check(err)
	msg, err := note.Sign(&note.Note{Text: "text\n"}, signer)
	check(err)
	_, err = note.Open(msg, note.VerifierList(verifier))
	check(err)
}

// Extension lines follow the three that tlog.ParseTree knows.
func open(public, text string) (string, tlog.Tree) {
	verifier, err := note.NewVerifier(strings.TrimSpace(public))
	check(err)
	n, err := note.Open([]byte(text), note.VerifierList(verifier))
	check(err)
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) < 4 {
		check(fmt.Errorf("checkpoint of %d lines", len(lines)))
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + "\n" + lines[2] + "\n"))
	check(err)
	return lines[0], tree
}

func continues(public, older, newer string) {
	oldOrigin, oldTree := open(public, read(older))
	head, text, _ := strings.Cut(read(newer), "\n\n")
	origin, tree := open(public, text)
	if origin != oldOrigin {
		check(fmt.Errorf("%s is not %s", origin, oldOrigin))
	}
	lines := strings.Split(head, "\n")
	if lines[0] != fmt.Sprintf("old %d", oldTree.N) {
		check(fmt.Errorf("%s, not %d", lines[0], oldTree.N))
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		check(err)
		proof = append(proof, h)
	}
	check(tlog.CheckTree(proof, tree.N, tree.Hash, oldTree.N, oldTree.Hash))
	fmt.Printf("%s: %d continues %d\n", origin, tree.N, oldTree.N)
}

// A verifier of C2SP tlog-cosignatures; x/mod knows only keys for notes.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	c.time = binary.BigEndian.Uint64(sig)
	return ed25519.Verify(c.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", c.time, msg)), sig[8:])
}

func cosigned(vkey, path string) {
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	if len(raw) != 33 || raw[0] != 4 {
		check(fmt.Errorf("not a key for cosignatures"))
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		check(fmt.Errorf("the key's hash does not fit"))
	}
	c := &cosigner{name: parts[0], hash: binary.BigEndian.Uint32(sum[:]), key: raw[1:]}
	n, err := note.Open([]byte(read(path)), note.VerifierList(c))
	check(err)
	fmt.Printf("%s at %d\n", n.Sigs[0].Name, c.time)
}

func log(public, checkpoint string, records []string) {
	origin, tree := open(public, read(checkpoint))
	var s store
	var count int64
	for _, path := range records {
		for _, line := range strings.Split(strings.TrimSuffix(read(path), "\n"), "\n") {
			s.add(count, line)
			count++
		}
	}
	if count != tree.N || root(count, &s) != tree.Hash {
		check(fmt.Errorf("%d records do not give the tree of %d", count, tree.N))
	}
	fmt.Printf("%s: %d records\n", origin, count)
}

// The note key of a ticket.
func ticketKey(path string) string {
	for _, line := range strings.Split(read(path), "\n") {
		if strings.HasPrefix(line, "note: ") {
			return strings.TrimPrefix(line, "note: ")
		}
	}
	check(fmt.Errorf("%s names no note key", path))
	return ""
}

func decode(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	check(err)
	return b
}

// One proof: the record in `extra`, its path, and the checkpoint, whose signature is the ticket's.
func proof(path string) {
	verifier, err := note.NewVerifier(ticketKey(filepath.Join(filepath.Dir(path), "ticket.txt")))
	check(err)
	head, checkpoint, found := strings.Cut(read(path), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		check(fmt.Errorf("%s is no tlog-proof", path))
	}
	var index int64
	_, err = fmt.Sscanf(lines[2], "index %d", &index)
	check(err)
	var p tlog.RecordProof
	for _, line := range lines[3:] {
		var h tlog.Hash
		if copy(h[:], decode(line)) != len(h) {
			check(fmt.Errorf("%s: a short node", path))
		}
		p = append(p, h)
	}
	n, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	check(err)
	text := strings.SplitN(n.Text, "\n", 4)
	if len(text) < 4 {
		check(fmt.Errorf("checkpoint of %d lines", len(text)))
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + text[1] + "\n" + text[2] + "\n"))
	check(err)
	record := decode(strings.TrimPrefix(lines[1], "extra "))
	check(tlog.CheckRecord(p, tree.N, tree.Hash, index, tlog.RecordHash(record)))
}

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 2 && args[0] == "vectors":
		vectors(args[1])
	case len(args) == 3 && args[0] == "keys":
		keys(args[1], args[2])
	case len(args) == 4 && args[0] == "continues":
		continues(args[1], args[2], args[3])
	case len(args) == 3 && args[0] == "opens":
		verifier, err := note.NewVerifier(strings.TrimSpace(read(args[1])))
		check(err)
		_, err = note.Open([]byte(read(args[2])), note.VerifierList(verifier))
		check(err)
	case len(args) == 3 && args[0] == "cosigned":
		cosigned(args[1], args[2])
	case len(args) > 1 && args[0] == "proofs":
		for _, path := range args[1:] {
			proof(path)
		}
		fmt.Printf("%d proofs\n", len(args)-1)
	case len(args) > 3 && args[0] == "log":
		log(args[1], args[2], args[3:])
	default:
		check(fmt.Errorf("usage: notes vectors FILE | keys NOTEKEY NOTEPUB | log NOTEPUB CHECKPOINT RECORDS | continues NOTEPUB OLD NEW | opens NOTEPUB NOTE | cosigned VKEY NOTE"))
	}
}
