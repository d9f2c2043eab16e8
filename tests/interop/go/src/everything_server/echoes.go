package main

import (
	"context"

	"everything"
	"shared"
)

func (h *handler) EchoBool(ctx context.Context, value bool) (bool, error) {
	return value, nil
}

func (h *handler) EchoI8(ctx context.Context, value int8) (int8, error) {
	return value, nil
}

func (h *handler) EchoI16(ctx context.Context, value int16) (int16, error) {
	return value, nil
}

func (h *handler) EchoI32(ctx context.Context, value int32) (int32, error) {
	return value, nil
}

func (h *handler) EchoI64(ctx context.Context, value int64) (int64, error) {
	return value, nil
}

func (h *handler) EchoDouble(ctx context.Context, value float64) (float64, error) {
	return value, nil
}

func (h *handler) EchoString(ctx context.Context, value string) (string, error) {
	return value, nil
}

func (h *handler) EchoBinary(ctx context.Context, value []byte) ([]byte, error) {
	return value, nil
}

func (h *handler) EchoColor(ctx context.Context, value everything.Color) (everything.Color, error) {
	return value, nil
}

func (h *handler) EchoLength(ctx context.Context, value everything.Length) (everything.Length, error) {
	return value, nil
}

func (h *handler) EchoPoint(ctx context.Context, value *everything.Point) (*everything.Point, error) {
	return value, nil
}

func (h *handler) EchoScalars(ctx context.Context, value *everything.Scalars) (*everything.Scalars, error) {
	return value, nil
}

func (h *handler) EchoPresence(ctx context.Context, value *everything.Presence) (*everything.Presence, error) {
	return value, nil
}

func (h *handler) EchoChoice(ctx context.Context, value *everything.Choice) (*everything.Choice, error) {
	return value, nil
}

func (h *handler) EchoTree(ctx context.Context, value *everything.Tree) (*everything.Tree, error) {
	return value, nil
}

func (h *handler) EchoChain(ctx context.Context, value *everything.Chain) (*everything.Chain, error) {
	return value, nil
}

func (h *handler) EchoEverything(ctx context.Context, value *everything.AllTypes) (*everything.AllTypes, error) {
	return value, nil
}

func (h *handler) EchoBoolList(ctx context.Context, value []bool) ([]bool, error) {
	return value, nil
}

func (h *handler) EchoI8List(ctx context.Context, value []int8) ([]int8, error) {
	return value, nil
}

func (h *handler) EchoI64List(ctx context.Context, value []int64) ([]int64, error) {
	return value, nil
}

func (h *handler) EchoDoubleList(ctx context.Context, value []float64) ([]float64, error) {
	return value, nil
}

func (h *handler) EchoStringList(ctx context.Context, value []string) ([]string, error) {
	return value, nil
}

func (h *handler) EchoBinaryList(ctx context.Context, value [][]byte) ([][]byte, error) {
	return value, nil
}

func (h *handler) EchoChoiceList(ctx context.Context, value []*everything.Choice) ([]*everything.Choice, error) {
	return value, nil
}

func (h *handler) EchoNestedList(ctx context.Context, value [][][]int32) ([][][]int32, error) {
	return value, nil
}

func (h *handler) EchoMixedList(ctx context.Context, value []map[string][]int16) ([]map[string][]int16, error) {
	return value, nil
}

func (h *handler) EchoPath(ctx context.Context, value everything.Path) (everything.Path, error) {
	return value, nil
}

func (h *handler) EchoI64Set(ctx context.Context, value []int64) ([]int64, error) {
	return value, nil
}

func (h *handler) EchoStringSet(ctx context.Context, value []string) ([]string, error) {
	return value, nil
}

func (h *handler) EchoColorSet(ctx context.Context, value []everything.Color) ([]everything.Color, error) {
	return value, nil
}

func (h *handler) EchoStringMap(ctx context.Context, value map[string]int32) (map[string]int32, error) {
	return value, nil
}

func (h *handler) EchoBoolMap(ctx context.Context, value map[bool]string) (map[bool]string, error) {
	return value, nil
}

func (h *handler) EchoI8Map(ctx context.Context, value map[int8]int16) (map[int8]int16, error) {
	return value, nil
}

func (h *handler) EchoI64Map(ctx context.Context, value map[int64]int64) (map[int64]int64, error) {
	return value, nil
}

func (h *handler) EchoDoubleMap(ctx context.Context, value map[float64]string) (map[float64]string, error) {
	return value, nil
}

func (h *handler) EchoBinaryMap(ctx context.Context, value map[string][]byte) (map[string][]byte, error) {
	return value, nil
}

func (h *handler) EchoColorMap(ctx context.Context, value map[everything.Color]*everything.Point) (map[everything.Color]*everything.Point, error) {
	return value, nil
}

func (h *handler) EchoNestedMap(ctx context.Context, value map[string]map[int32][]*everything.Point) (map[string]map[int32][]*everything.Point, error) {
	return value, nil
}

func (h *handler) EchoTimestamp(ctx context.Context, value shared.Timestamp) (shared.Timestamp, error) {
	return value, nil
}
