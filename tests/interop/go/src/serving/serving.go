// Package serving is how every Go peer listens: on loopback, telling its port, until its standard input closes.
package serving

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/apache/thrift/lib/go/thrift"
)

// Protocol is the factory of a protocol by its name on the command line.
func Protocol(name string) thrift.TProtocolFactory {
	switch name {
	case "binary":
		return thrift.NewTBinaryProtocolFactoryConf(nil)
	case "compact":
		return thrift.NewTCompactProtocolFactoryConf(nil)
	case "json":
		return thrift.NewTJSONProtocolFactory()
	}
	log.Fatalf("no protocol %q", name)
	return nil
}

// Transport is the factory of a transport by its name on the command line.
func Transport(name string) thrift.TTransportFactory {
	switch name {
	case "framed":
		return thrift.NewTFramedTransportFactoryConf(thrift.NewTTransportFactory(), nil)
	case "buffered":
		return thrift.NewTBufferedTransportFactory(8192)
	}
	log.Fatalf("no transport %q", name)
	return nil
}

// EndWithStdin ends the process when its standard input closes, so that none outlives the driver.
func EndWithStdin() {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}

// Serve serves a processor as the flags say. The defaults are framed binary.
func Serve(processor thrift.TProcessor) {
	protocol := flag.String("protocol", "binary", "binary, compact or json")
	transport := flag.String("transport", "framed", "framed, buffered or http")
	port := flag.Int("port", 0, "0 for any")
	flag.Parse()
	EndWithStdin()
	address := fmt.Sprintf("127.0.0.1:%d", *port)
	if *transport == "http" {
		serveHTTP(processor, Protocol(*protocol), address)
		return
	}
	socket, err := thrift.NewTServerSocket(address)
	if err != nil {
		log.Fatal(err)
	}
	if err := socket.Listen(); err != nil {
		log.Fatal(err)
	}
	announce(socket.Addr())
	server := thrift.NewTSimpleServer4(processor, socket, Transport(*transport), Protocol(*protocol))
	log.Fatal(server.Serve())
}

func serveHTTP(processor thrift.TProcessor, protocol thrift.TProtocolFactory, address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	announce(listener.Addr())
	log.Fatal(http.Serve(listener, http.HandlerFunc(thrift.NewThriftHandlerFunc(processor, protocol, protocol))))
}

func announce(address net.Addr) {
	fmt.Printf("listening %d\n", address.(*net.TCPAddr).Port)
}
