// SPDX-License-Identifier: Apache-2.0

// Checks notes and trees of ours with golang.org/x/mod (Debian: golang-golang-x-mod-dev).
//
//	notes vectors FILE            prints tests/unit/merkle_vectors.h as Go's tlog makes it
//	notes keys NOTEKEY NOTEPUB    signs with the one, opens with the other
//	notes log NOTEPUB CHECKPOINT RECORDS...
//	                              opens a checkpoint and computes its root from the lines of the records
package main

import (
	"fmt"
	"os"
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
func log(public, checkpoint string, records []string) {
	verifier, err := note.NewVerifier(strings.TrimSpace(public))
	check(err)
	n, err := note.Open([]byte(read(checkpoint)), note.VerifierList(verifier))
	check(err)
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) < 4 {
		check(fmt.Errorf("checkpoint of %d lines", len(lines)))
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + "\n" + lines[2] + "\n"))
	check(err)
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
	fmt.Printf("%s: %d records\n", lines[0], count)
}

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 2 && args[0] == "vectors":
		vectors(args[1])
	case len(args) == 3 && args[0] == "keys":
		keys(args[1], args[2])
	case len(args) > 3 && args[0] == "log":
		log(args[1], args[2], args[3:])
	default:
		check(fmt.Errorf("usage: notes vectors FILE | keys NOTEKEY NOTEPUB | log NOTEPUB CHECKPOINT RECORDS"))
	}
}
