package main

import (
	"math"
	"strings"

	. "everything"
)

func pointer[T any](value T) *T {
	return &value
}

func point(x, y Length) *Point {
	return &Point{X: x, Y: y}
}

func allBytes() []byte {
	bytes := make([]byte, 256)
	for position := range bytes {
		bytes[position] = byte(position)
	}
	return bytes
}

func everyScalar() *Scalars {
	return &Scalars{
		ABool: pointer(true), AnI8: pointer(int8(-128)), AnI16: pointer(int16(-32768)),
		AnI32: pointer(int32(math.MinInt32)), AnI64: pointer(int64(math.MinInt64)),
		ADouble: pointer(-0.5), AString: pointer("é"), ABinary: []byte{0, 0xff}, AColor: pointer(Color_BLUE),
	}
}

func tree() *Tree {
	return &Tree{Label: "root", Children: []*Tree{{Label: "leaf"}, {Label: "twig", Children: []*Tree{}}}}
}

func allTypes() *AllTypes {
	presence := NewPresence()
	presence.Needed = 1
	presence.Maybe = pointer(int32(2))
	presence.MaybeDefault = 3
	presence.PlainPoint = point(1, -16)
	return &AllTypes{
		Scalars:    everyScalar(),
		Presence:   presence,
		Choice:     &Choice{Point: point(1, 2)},
		Tree:       tree(),
		Bools:      []bool{true, false},
		Longs:      []int64{math.MaxInt64, math.MinInt64},
		Blobs:      [][]byte{{}, {0xfe}},
		Numbers:    []int32{1},
		Colors:     []Color{Color_INFRARED},
		Strings:    map[string]string{"k": "v", "": ""},
		Points:     map[int32]*Point{-5: point(0, 0)},
		ColorNames: map[Color]string{Color_VIOLET: "violet"},
		Matrix:     [][]float64{{}, {0.1, 1e300}},
		Deep: map[string]map[int32][]*Choice{
			"a": {-1: {{Flag: pointer(true)}, {Numbers: []int32{1, 2}}}, 7: {}},
			"":  {},
		},
		Paths: Paths{"p": {1, -2}},
		Far:   pointer(int8(-1)),
		Last:  pointer("end"),
	}
}

func (c *cell) scalars() {
	echoes(c, "echoBool", (*EverythingClient).EchoBool, true, false)
	echoes(c, "echoI8", (*EverythingClient).EchoI8, -128, 127, 0)
	echoes(c, "echoI16", (*EverythingClient).EchoI16, -32768, 32767)
	echoes(c, "echoI32", (*EverythingClient).EchoI32, math.MinInt32, math.MaxInt32)
	echoes(c, "echoI64", (*EverythingClient).EchoI64, math.MinInt64, math.MaxInt64, 1<<53+1, -5, 0)
	echoes(c, "echoDouble", (*EverythingClient).EchoDouble,
		0.1, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN(), 1e22)
	echoes(c, "echoString", (*EverythingClient).EchoString,
		"", "plain", "Zürich 東京 🦀", "quote \" \\ / \n\t\x01\x7f", strings.Repeat("x", 70000))
	echoes(c, "echoBinary", (*EverythingClient).EchoBinary, []byte{}, allBytes(), []byte{0xff})
	echoes(c, "echoColor", (*EverythingClient).EchoColor, Color_RED, Color_VIOLET, Color_INFRARED, 77)
	echoes(c, "echoLength", (*EverythingClient).EchoLength, -16)
	echoes(c, "echoTimestamp", (*EverythingClient).EchoTimestamp, 1700000000000)
}

// In Go a default value that is a struct is left to the program.
func (c *cell) structs() {
	defaults := NewPresence()
	defaults.Plain = 3
	defaults.PlainPoint = point(1, -16)
	told := &Presence{
		Needed: 5, NeededDefault: "x", Plain: 6, PlainDefault: 7, Maybe: pointer(int32(8)), MaybeDefault: 9,
		PlainList: []string{}, PlainColor: Color_RED, PlainPoint: point(9, 9), PlainDouble: 1.5,
	}
	echoes(c, "echoPoint", (*EverythingClient).EchoPoint, point(3, -4))
	echoes(c, "echoScalars", (*EverythingClient).EchoScalars,
		&Scalars{}, everyScalar(), &Scalars{ABool: pointer(false), AString: pointer(""), ABinary: []byte{}})
	echoes(c, "echoPresence", (*EverythingClient).EchoPresence, defaults, told)
	echoes(c, "echoChoice", (*EverythingClient).EchoChoice,
		&Choice{Flag: pointer(false)}, &Choice{Number: pointer(int64(-1))}, &Choice{Text: pointer("t")},
		&Choice{Bytes: []byte("b")}, &Choice{Point: point(0, 1)}, &Choice{Numbers: []int32{}}, &Choice{Color: pointer(Color_GREEN)})
	echoes(c, "echoTree", (*EverythingClient).EchoTree, tree())
	echoes(c, "echoChain", (*EverythingClient).EchoChain, &Chain{Number: 1, Rest: &Chain{Number: 2, Rest: &Chain{Number: 3}}})
	echoes(c, "echoEverything", (*EverythingClient).EchoEverything, &AllTypes{}, allTypes())
}

func (c *cell) containers() {
	echoes(c, "echoBoolList", (*EverythingClient).EchoBoolList, []bool{true, false, true}, []bool{})
	echoes(c, "echoI8List", (*EverythingClient).EchoI8List, []int8{-128, 0, 127})
	echoes(c, "echoI64List", (*EverythingClient).EchoI64List,
		[]int64{1 << 62, -1}, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	echoes(c, "echoDoubleList", (*EverythingClient).EchoDoubleList, []float64{0.5, -1e-7, 1.0})
	echoes(c, "echoStringList", (*EverythingClient).EchoStringList, []string{"a", "", "ü"})
	echoes(c, "echoBinaryList", (*EverythingClient).EchoBinaryList, [][]byte{{}, {0x80}})
	echoes(c, "echoChoiceList", (*EverythingClient).EchoChoiceList, []*Choice{{Text: pointer("x")}, {Number: pointer(int64(1) << 40)}})
	echoes(c, "echoNestedList", (*EverythingClient).EchoNestedList, [][][]int32{{}, {{1}, {2, 3}}, {{}}})
	echoes(c, "echoMixedList", (*EverythingClient).EchoMixedList, []map[string][]int16{{"s": {1}}, {}, {"": {}}})
	echoes(c, "echoPath", (*EverythingClient).EchoPath, Path{1, 2, 3})
	echoSets(c, "echoI64Set", (*EverythingClient).EchoI64Set, []int64{1<<53 + 1, -1}, []int64{})
	echoSets(c, "echoStringSet", (*EverythingClient).EchoStringSet, []string{"b", "a"})
	echoSets(c, "echoColorSet", (*EverythingClient).EchoColorSet, []Color{Color_BLUE, Color_GREEN})
}

func (c *cell) maps() {
	echoes(c, "echoStringMap", (*EverythingClient).EchoStringMap, map[string]int32{"a": 1, "": -1}, map[string]int32{})
	echoes(c, "echoBoolMap", (*EverythingClient).EchoBoolMap, map[bool]string{true: "t", false: "f"})
	echoes(c, "echoI8Map", (*EverythingClient).EchoI8Map, map[int8]int16{-1: 300, 1: -300})
	echoes(c, "echoI64Map", (*EverythingClient).EchoI64Map, map[int64]int64{1<<53 + 1: math.MinInt64, 16: 10})
	echoes(c, "echoDoubleMap", (*EverythingClient).EchoDoubleMap, map[float64]string{0.1: "tenth", -2.5: ""})
	echoes(c, "echoBinaryMap", (*EverythingClient).EchoBinaryMap, map[string][]byte{"\xff\x00": {}, "k": {0x80}})
	echoes(c, "echoColorMap", (*EverythingClient).EchoColorMap, map[Color]*Point{Color_INFRARED: point(1, 1)})
	echoes(c, "echoNestedMap", (*EverythingClient).EchoNestedMap, map[string]map[int32][]*Point{"x": {1: {point(1, 2)}, 2: {}}})
}
