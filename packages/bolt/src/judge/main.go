// The judge: bbolt itself, reading, checking and writing files for the tests of this package.
//
//	dump FILE    every bucket and key as a JSON line
//	check FILE   what bbolt's own Check finds; nothing when the file is sound
//	write FILE   runs the JSON lines on standard input, each a command, "commit" between transactions
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

// line is an entry (dump) or a command (write). Bytes are base64.
type line struct {
	Op       string   `json:"op,omitempty"` // put, delete, bucket, drop, sequence, commit
	Path     [][]byte `json:"path"`
	Key      []byte   `json:"key"`
	Value    []byte   `json:"value"`
	IsBucket bool     `json:"isBucket"`
	Sequence uint64   `json:"sequence"`
}

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: judge dump|check|write FILE"))
	}
	options := &bolt.Options{ReadOnly: os.Args[1] != "write", NoFreelistSync: len(os.Args) > 3}
	db, err := bolt.Open(os.Args[2], 0o600, options)
	fail(err)
	switch os.Args[1] {
	case "dump":
		out := bufio.NewWriter(os.Stdout)
		fail(db.View(func(tx *bolt.Tx) error {
			return tx.ForEach(func(name []byte, b *bolt.Bucket) error { return dump(json.NewEncoder(out), nil, name, b) })
		}))
		fail(out.Flush())
	case "check":
		fail(db.View(func(tx *bolt.Tx) error {
			for problem := range tx.Check() {
				fmt.Println(problem)
			}
			return nil
		}))
	case "write":
		write(db)
	}
	fail(db.Close())
}

func dump(out *json.Encoder, path [][]byte, name []byte, b *bolt.Bucket) error {
	if err := out.Encode(line{Path: path, Key: name, IsBucket: true, Sequence: b.Sequence()}); err != nil {
		return err
	}
	inside := append(append([][]byte{}, path...), name)
	return b.ForEach(func(key, value []byte) error {
		if value == nil {
			return dump(out, inside, key, b.Bucket(key))
		}
		return out.Encode(line{Path: inside, Key: key, Value: value})
	})
}

func write(db *bolt.DB) {
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	for in.More() {
		fail(db.Update(func(tx *bolt.Tx) error {
			for in.More() {
				var command line
				if err := in.Decode(&command); err != nil {
					return err
				}
				if command.Op == "commit" {
					return nil
				}
				if err := run(tx, command); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func run(tx *bolt.Tx, command line) error {
	if len(command.Path) == 0 {
		if command.Op == "drop" {
			return tx.DeleteBucket(command.Key)
		}
		_, err := tx.CreateBucketIfNotExists(command.Key)
		return err
	}
	b := tx.Bucket(command.Path[0])
	for _, name := range command.Path[1:] {
		b = b.Bucket(name)
	}
	switch command.Op {
	case "put":
		return b.Put(command.Key, command.Value)
	case "delete":
		return b.Delete(command.Key)
	case "drop":
		return b.DeleteBucket(command.Key)
	case "sequence":
		return b.SetSequence(command.Sequence)
	case "bucket":
		_, err := b.CreateBucketIfNotExists(command.Key)
		return err
	}
	return fmt.Errorf("unknown command %q", command.Op)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
