// Everything, on Apache's Go library. Empty containers are left nil, as Go programs do.
package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"everything"
	"serving"
	"shared"
)

type handler struct {
	mutex  sync.Mutex
	events []string
}

func (h *handler) Ping(ctx context.Context) error {
	return nil
}

func (h *handler) Version(ctx context.Context) (string, error) {
	return shared.VERSION, nil
}

func (h *handler) Join(ctx context.Context, separator string, text string, times int32) (string, error) {
	parts := make([]string, times)
	for position := range parts {
		parts[position] = text
	}
	return strings.Join(parts, separator), nil
}

func (h *handler) Answer(ctx context.Context) (int32, error) {
	return everything.ANSWER, nil
}

func (h *handler) EmptyList(ctx context.Context) ([]string, error) {
	return nil, nil
}

func (h *handler) EmptySet(ctx context.Context) ([]int32, error) {
	return nil, nil
}

func (h *handler) EmptyMap(ctx context.Context) (map[string]*everything.Point, error) {
	return nil, nil
}

func (h *handler) Fail(ctx context.Context, kind string) (string, error) {
	if kind == "fault" {
		at := shared.Timestamp(1700000000000)
		return "", &shared.Fault{Severity: shared.Severity_FATAL, Message: "broken", At: &at}
	}
	return kind, h.FailVoid(ctx, kind)
}

func (h *handler) FailVoid(ctx context.Context, kind string) error {
	switch kind {
	case "notFound":
		return &everything.NotFound{Name: "it"}
	case "denied":
		where := []*everything.Point{{X: 1, Y: -1}}
		return &everything.Denied{Reason: "no", Where: where, Code: 13}
	case "undeclared":
		return errors.New("not in the throws list")
	}
	return nil
}

func (h *handler) Slow(ctx context.Context, milliseconds int32) (int32, error) {
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	return milliseconds, nil
}

func (h *handler) Notify(ctx context.Context, event string) error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.events = append(h.events, event)
	return nil
}

func (h *handler) Notified(ctx context.Context) ([]string, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return append([]string{}, h.events...), nil
}

func (h *handler) Reset(ctx context.Context) error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.events = nil
	return nil
}

func main() {
	serving.Serve(everything.NewEverythingProcessor(&handler{}))
}
