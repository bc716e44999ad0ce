// An extension as Microsoft's Go programs are one: asks the config socket, and sends Fluent Forward.
//
//	client config ADDRESS TAG             prints the configurations
//	client send ADDRESS TAG COUNT         sends COUNT records in one Forward message of two elements
//
// ADDRESS is a path, or @name, which is padded to the full 108 bytes of sun_path.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ugorji/go/codec"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	address := words[1]
	if strings.HasPrefix(address, "@") {
		address += strings.Repeat("\x00", 108-len(address))
	}
	connection, err := net.Dial("unix", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	if words[0] == "config" {
		return config(connection, words[2])
	}
	count, err := strconv.Atoi(words[3])
	if err != nil {
		return err
	}
	return send(connection, words[2], count)
}

type request struct {
	Request, RequestId, Tag, Version string
}

type response struct {
	Request, RequestId, Version, Description, TaggedData string
	Success                                              bool
}

func config(connection net.Conn, tag string) error {
	text, err := json.Marshal(request{"AgentTaggedData", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", tag, "1"})
	if err != nil {
		return err
	}
	var handle codec.MsgpackHandle
	if err := codec.NewEncoder(connection, &handle).Encode(string(text)); err != nil {
		return err
	}
	// One read, and what it gave is all there is.
	buffer := make([]byte, 1024000)
	count, err := connection.Read(buffer)
	if err != nil {
		return err
	}
	var answer response
	if err := json.Unmarshal(buffer[:count], &answer); err != nil {
		return fmt.Errorf("%d bytes: %w", count, err)
	}
	var tagged struct {
		SchemaVersion           int                      `json:"schemaVersion"`
		Version                 string                   `json:"version"`
		ExtensionName           string                   `json:"extensionName"`
		ExtensionConfigurations []map[string]interface{} `json:"extensionConfigurations"`
	}
	if err := json.Unmarshal([]byte(answer.TaggedData), &tagged); err != nil {
		return err
	}
	printed, err := json.Marshal(map[string]interface{}{
		"success": answer.Success, "requestId": answer.RequestId, "schemaVersion": tagged.SchemaVersion,
		"extensionName": tagged.ExtensionName, "configurations": tagged.ExtensionConfigurations,
	})
	fmt.Println(string(printed))
	return err
}

func send(connection net.Conn, tag string, count int) error {
	var entries []interface{}
	for number := 0; number < count; number++ {
		record := map[string]string{"value": strconv.Itoa(number), "text": strings.Repeat("x", number%300)}
		entries = append(entries, []interface{}{time.Now().Unix(), record})
	}
	if err := connection.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	var handle codec.MsgpackHandle
	return codec.NewEncoder(connection, &handle).Encode([]interface{}{tag, entries})
}
