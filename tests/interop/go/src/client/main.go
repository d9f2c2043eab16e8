// Calls every method of Everything, as a user of Apache's Go library does, and compares the values.
//
//	client -protocol P LABEL=URL...
//
// A URL is http://…, framed://HOST:PORT or buffered://HOST:PORT. Prints `cell LABEL`, then `ok NAME` or
// `FAIL NAME DETAIL` for each check.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"net/url"
	"reflect"
	"sort"
	"strings"
	"time"

	"everything"
	"serving"
	"shared"

	"github.com/apache/thrift/lib/go/thrift"
)

const callSeconds = 15 * time.Second

// A cell is the checks over one URL. After an error the client is made anew, since the connection may be broken.
type cell struct {
	url      string
	protocol thrift.TProtocolFactory
	trans    thrift.TTransport
	raw      *thrift.TStandardClient
	client   *everything.EverythingClient
}

func (c *cell) connect() {
	if c.trans != nil {
		c.trans.Close()
	}
	trans, err := transport(c.url)
	if err != nil {
		log.Fatal(err)
	}
	if err := trans.Open(); err != nil {
		log.Fatal(err)
	}
	c.trans = trans
	c.raw = thrift.NewTStandardClient(c.protocol.GetProtocol(trans), c.protocol.GetProtocol(trans))
	c.client = everything.NewEverythingClient(c.raw)
}

func transport(where string) (thrift.TTransport, error) {
	if strings.HasPrefix(where, "http") {
		return thrift.NewTHttpClient(where)
	}
	parts, err := url.Parse(where)
	if err != nil {
		return nil, err
	}
	socket := thrift.NewTSocketConf(parts.Host, &thrift.TConfiguration{SocketTimeout: callSeconds})
	return serving.Transport(parts.Scheme).GetTransport(socket)
}

// check compares what a call answers; an expected error is one of equal text or, where it is a TApplicationException,
// of equal type.
func (c *cell) check(name string, call func(ctx context.Context) (any, error), expected any) {
	ctx, cancel := context.WithTimeout(context.Background(), callSeconds)
	defer cancel()
	actual, err := call(ctx)
	if err != nil {
		actual = err
		var application thrift.TApplicationException
		if errors.As(err, &application) {
			actual = application.TypeId()
		}
	}
	if same(actual, expected) {
		fmt.Println("ok", name)
	} else {
		fmt.Printf("FAIL %s %.200q is not %.200q\n", name, fmt.Sprint(actual), fmt.Sprint(expected))
	}
	if err != nil {
		c.connect()
	}
}

// same is equality that takes NaN for itself, tells -0.0 from 0.0, and takes a nil container for an empty one.
func same(left, right any) bool {
	if a, ok := left.(float64); ok {
		b, ok := right.(float64)
		return ok && (math.IsNaN(a) && math.IsNaN(b) || math.Float64bits(a) == math.Float64bits(b))
	}
	if fmt.Sprint(left) == fmt.Sprint(right) && reflect.TypeOf(left) == reflect.TypeOf(right) {
		value := reflect.ValueOf(left)
		switch value.Kind() {
		case reflect.Slice, reflect.Map:
			if value.Len() == 0 {
				return true
			}
		}
	}
	return reflect.DeepEqual(left, right)
}

// echoes checks that a method answers each of the values.
func echoes[T any](
	c *cell, name string, method func(*everything.EverythingClient, context.Context, T) (T, error), values ...T,
) {
	for position, value := range values {
		call := func(ctx context.Context) (any, error) { return method(c.client, ctx, value) }
		c.check(fmt.Sprintf("%s.%d", name, position), call, value)
	}
}

// echoSets does so for sets, whose order is not kept.
func echoSets[T any](
	c *cell, name string, method func(*everything.EverythingClient, context.Context, []T) ([]T, error), values ...[]T,
) {
	for position, value := range values {
		call := func(ctx context.Context) (any, error) {
			actual, err := method(c.client, ctx, value)
			return sorted(actual), err
		}
		c.check(fmt.Sprintf("%s.%d", name, position), call, sorted(value))
	}
}

func sorted[T any](items []T) []T {
	items = append([]T{}, items...)
	sort.Slice(items, func(a, b int) bool { return fmt.Sprint(items[a]) < fmt.Sprint(items[b]) })
	return items
}

func (c *cell) results() {
	c.check("ping", func(ctx context.Context) (any, error) { return nil, c.client.Ping(ctx) }, nil)
	c.check("version", func(ctx context.Context) (any, error) { return c.client.Version(ctx) }, "1.0")
	c.check("join", func(ctx context.Context) (any, error) { return c.client.Join(ctx, "+", "ab", 3) }, "ab+ab+ab")
	c.check("answer", func(ctx context.Context) (any, error) { return c.client.Answer(ctx) }, int32(42))
	c.check("emptyList", func(ctx context.Context) (any, error) { return c.client.EmptyList(ctx) }, []string{})
	c.check("emptySet", func(ctx context.Context) (any, error) { return c.client.EmptySet(ctx) }, []int32{})
	c.check("emptyMap", func(ctx context.Context) (any, error) { return c.client.EmptyMap(ctx) },
		map[string]*everything.Point{})
	c.check("slow", func(ctx context.Context) (any, error) { return c.client.Slow(ctx, 20) }, int32(20))
}

func (c *cell) exceptions() {
	at := shared.Timestamp(1700000000000)
	fault := &shared.Fault{Severity: shared.Severity_FATAL, Message: "broken", At: &at}
	denied := &everything.Denied{Reason: "no", Where: []*everything.Point{{X: 1, Y: -1}}, Code: 13}
	fail := func(kind string) func(ctx context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return c.client.Fail(ctx, kind) }
	}
	failVoid := func(kind string) func(ctx context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return nil, c.client.FailVoid(ctx, kind) }
	}
	c.check("fail.none", fail("none"), "none")
	c.check("failVoid.none", failVoid("none"), nil)
	c.check("fail.notFound", fail("notFound"), &everything.NotFound{Name: "it"})
	c.check("failVoid.notFound", failVoid("notFound"), &everything.NotFound{Name: "it"})
	c.check("fail.denied", fail("denied"), denied)
	c.check("failVoid.denied", failVoid("denied"), denied)
	c.check("fail.fault", fail("fault"), fault)
	c.undeclared("fail.undeclared", fail("undeclared"))
	c.undeclared("failVoid.undeclared", failVoid("undeclared"))
	c.check("unknownMethod", func(ctx context.Context) (any, error) {
		arguments, result := everything.NewEverythingAnswerArgs(), everything.NewEverythingAnswerResult()
		_, err := c.raw.Call(ctx, "noSuchMethod", arguments, result)
		return nil, err
	}, int32(thrift.UNKNOWN_METHOD))
	c.check("afterUnknownMethod", func(ctx context.Context) (any, error) { return c.client.Answer(ctx) }, int32(42))
}

// undeclared takes either type that servers give an error of the handler.
func (c *cell) undeclared(name string, call func(ctx context.Context) (any, error)) {
	c.check(name, func(ctx context.Context) (any, error) {
		answer, err := call(ctx)
		var application thrift.TApplicationException
		if errors.As(err, &application) {
			return "an application exception", nil
		}
		return answer, err
	}, "an application exception")
}

func (c *cell) oneway() {
	reset := func(ctx context.Context) (any, error) { return nil, c.client.Reset(ctx) }
	notify := func(event string) func(ctx context.Context) (any, error) {
		return func(ctx context.Context) (any, error) { return nil, c.client.Notify(ctx, event) }
	}
	c.check("reset", reset, nil)
	c.check("notify.first", notify("one"), nil)
	c.check("notify.second", notify("two"), nil)
	c.check("notified", func(ctx context.Context) (any, error) {
		for attempt := 0; ; attempt++ {
			events, err := c.client.Notified(ctx)
			if err != nil || len(events) >= 2 || attempt == 100 {
				return sorted(events), err
			}
			time.Sleep(20 * time.Millisecond)
		}
	}, []string{"one", "two"})
	c.check("reset.again", reset, nil)
	c.check("notified.none", func(ctx context.Context) (any, error) { return c.client.Notified(ctx) }, []string{})
}

func main() {
	protocol := flag.String("protocol", "binary", "binary, compact or json")
	flag.Parse()
	for _, word := range flag.Args() {
		label, where, _ := strings.Cut(word, "=")
		fmt.Println("cell", label)
		c := &cell{url: where, protocol: serving.Protocol(*protocol)}
		c.connect()
		c.results()
		c.scalars()
		c.structs()
		c.containers()
		c.maps()
		c.exceptions()
		c.oneway()
		c.trans.Close()
	}
}
