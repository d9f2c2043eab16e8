// The values that the checks send.

#include <limits>

#include "client.h"

namespace {

using namespace everything;

template <typename T>
using L = std::vector<T>;

Point point(int32_t x, int32_t y) {
  Point made;
  made.__set_x(x);
  made.__set_y(y);
  return made;
}

std::string allBytes() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

Scalars everyScalar() {
  Scalars made;
  made.__set_aBool(true);
  made.__set_anI8(-128);
  made.__set_anI16(-32768);
  made.__set_anI32(std::numeric_limits<int32_t>::min());
  made.__set_anI64(std::numeric_limits<int64_t>::min());
  made.__set_aDouble(-0.5);
  made.__set_aString("é");
  made.__set_aBinary(std::string("\0\xff", 2));
  made.__set_aColor(Color::BLUE);
  return made;
}

Scalars emptyScalars() {
  Scalars made;
  made.__set_aBool(false);
  made.__set_aString("");
  made.__set_aBinary("");
  return made;
}

Presence defaults() {
  Presence made;
  made.__set_needed(0);
  made.__set_plain(3);
  made.__set_maybeDefault(8);
  return made;
}

Presence told() {
  Presence made;
  made.__set_needed(5);
  made.__set_neededDefault("x");
  made.__set_plain(6);
  made.__set_plainDefault(7);
  made.__set_maybe(8);
  made.__set_maybeDefault(9);
  made.__set_plainList({});
  made.__set_plainColor(Color::RED);
  made.__set_plainPoint(point(9, 9));
  made.__set_plainDouble(1.5);
  made.__set_plainBool(false);
  return made;
}

template <typename T>
Choice choice(void (Choice::*set)(const T), std::type_identity_t<T> value) {
  Choice made;
  (made.*set)(value);
  return made;
}

template <typename T>
Choice choice(void (Choice::*set)(const T&), const std::type_identity_t<T>& value) {
  Choice made;
  (made.*set)(value);
  return made;
}

Tree tree() {
  Tree leaf;
  leaf.__set_label("leaf");
  Tree twig;
  twig.__set_label("twig");
  twig.__set_children({});
  Tree root;
  root.__set_label("root");
  root.__set_children({leaf, twig});
  return root;
}

Chain chain(int64_t first, int64_t last) {
  Chain made;
  made.__set_number(first);
  if (first < last) {
    made.__set_rest(std::make_shared<Chain>(chain(first + 1, last)));
  }
  return made;
}

AllTypes allTypes() {
  AllTypes made;
  made.__set_scalars(everyScalar());
  made.__set_presence(defaults());
  made.__set_choice(choice(&Choice::__set_point, point(1, 2)));
  made.__set_tree(tree());
  made.__set_bools({true, false});
  made.__set_longs({std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()});
  made.__set_blobs({"", "\xfe"});
  made.__set_numbers({1, 2, 3});
  made.__set_colors({Color::RED, Color::INFRARED});
  made.__set_strings({{"k", "v"}, {"", ""}});
  made.__set_points({{-5, point(0, 0)}});
  made.__set_colorNames({{Color::VIOLET, "violet"}});
  made.__set_matrix({{}, {0.1, 1e300}});
  L<Choice> choices{choice(&Choice::__set_flag, true), choice(&Choice::__set_numbers, {1, 2})};
  made.__set_deep({{"a", {{-1, choices}, {7, {}}}}, {"", {}}});
  made.__set_paths({{"p", {1, -2}}});
  made.__set_far(-1);
  made.__set_last("end");
  return made;
}

}  // namespace

void Cell::scalars() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  using int64 = std::numeric_limits<int64_t>;
  using real = std::numeric_limits<double>;
  echoes<bool>("echoBool", &Client::echoBool, {true, false});
  echoes<int8_t>("echoI8", &Client::echoI8, {-128, 127, 0});
  echoes<int16_t>("echoI16", &Client::echoI16, {-32768, 32767});
  echoes<int32_t>("echoI32", &Client::echoI32, {-2147483647 - 1, 2147483647});
  echoes<int64_t>("echoI64", &Client::echoI64, {int64::min(), int64::max(), (int64_t{1} << 53) + 1, -5, 0});
  echoes<double>("echoDouble", &Client::echoDouble,
                 {0.1, -0.0, real::max(), real::denorm_min(), infinity, -infinity, real::quiet_NaN(), 1e22});
  echoes<std::string>("echoString", &Client::echoString,
                      {"", "plain", "Zürich 東京 🦀", "quote \" \\ / \n\t\x01\x7f", std::string(70000, 'x')});
  echoes<std::string>("echoBinary", &Client::echoBinary, {"", allBytes(), "\xff"});
  echoes<Color::type>("echoColor", &Client::echoColor,
                      {Color::RED, Color::VIOLET, Color::INFRARED, static_cast<Color::type>(77)});
  echoes<int32_t>("echoLength", &Client::echoLength, {-16});
  echoes<int64_t>("echoTimestamp", &Client::echoTimestamp, {1700000000000});
}

void Cell::structs() {
  echoes<Point>("echoPoint", &Client::echoPoint, {point(3, -4)});
  echoes<Scalars>("echoScalars", &Client::echoScalars, {Scalars(), everyScalar(), emptyScalars()});
  echoes<Presence>("echoPresence", &Client::echoPresence, {defaults(), told()});
  echoes<Choice>("echoChoice", &Client::echoChoice,
                 {choice(&Choice::__set_flag, false), choice(&Choice::__set_number, -1),
                  choice(&Choice::__set_text, "t"), choice(&Choice::__set_bytes, "b"),
                  choice(&Choice::__set_point, point(0, 1)), choice(&Choice::__set_numbers, {}),
                  choice(&Choice::__set_color, Color::GREEN)});
  echoes<Tree>("echoTree", &Client::echoTree, {tree()});
  check("echoChain.0", [&] {
    Chain answer;
    client().echoChain(answer, chain(1, 3));
    return answer.number == 1 && answer.rest->number == 2 && answer.rest->rest->number == 3 &&
           !answer.rest->rest->rest;
  });
  echoes<AllTypes>("echoEverything", &Client::echoEverything, {AllTypes(), allTypes()});
}

void Cell::containers() {
  L<int64_t> forty;
  for (int64_t value = 0; value < 40; ++value) {
    forty.push_back(value);
  }
  echoes<L<bool>>("echoBoolList", &Client::echoBoolList, {{true, false, true}, {}});
  echoes<L<int8_t>>("echoI8List", &Client::echoI8List, {{-128, 0, 127}});
  echoes<L<int64_t>>("echoI64List", &Client::echoI64List, {{int64_t{1} << 62, -1}, forty});
  echoes<L<double>>("echoDoubleList", &Client::echoDoubleList, {{0.5, -1e-7, 1.0}});
  echoes<L<std::string>>("echoStringList", &Client::echoStringList, {{"a", "", "ü"}});
  echoes<L<std::string>>("echoBinaryList", &Client::echoBinaryList, {{"", "\x80", "c"}});
  L<Choice> choices{choice(&Choice::__set_text, "x"), choice(&Choice::__set_number, int64_t{1} << 40)};
  echoes<L<Choice>>("echoChoiceList", &Client::echoChoiceList, {choices});
  L<L<L<int32_t>>> nested{{}, {{1}, {2, 3}}, {{}}};
  echoes<L<L<L<int32_t>>>>("echoNestedList", &Client::echoNestedList, {nested});
  using Mixed = L<std::map<std::string, std::set<int16_t>>>;
  echoes<Mixed>("echoMixedList", &Client::echoMixedList, {Mixed{{{"s", {1, 2}}}, {}, {{"", {}}}}});
  echoes<L<int32_t>>("echoPath", &Client::echoPath, {{1, 2, 3}});
  echoes<std::set<int64_t>>("echoI64Set", &Client::echoI64Set, {{(int64_t{1} << 53) + 1, -1}, {}});
  echoes<std::set<std::string>>("echoStringSet", &Client::echoStringSet, {std::set<std::string>{"b", "a"}});
  echoes<std::set<Color::type>>("echoColorSet", &Client::echoColorSet, {{Color::BLUE, Color::GREEN}});
}

void Cell::maps() {
  using std::map;
  using std::string;
  echoes<map<string, int32_t>>("echoStringMap", &Client::echoStringMap, {{{"a", 1}, {"", -1}}, {}});
  echoes<map<bool, string>>("echoBoolMap", &Client::echoBoolMap, {{{true, "t"}, {false, "f"}}});
  echoes<map<int8_t, int16_t>>("echoI8Map", &Client::echoI8Map, {{{-1, 300}, {1, -300}}});
  map<int64_t, int64_t> longs{{(int64_t{1} << 53) + 1, std::numeric_limits<int64_t>::min()}, {16, 10}};
  echoes<map<int64_t, int64_t>>("echoI64Map", &Client::echoI64Map, {longs});
  echoes<map<double, string>>("echoDoubleMap", &Client::echoDoubleMap, {{{0.1, "tenth"}, {-2.5, ""}}});
  map<string, string> bytes{{string("\xff\0", 2), ""}, {"k", "\x80"}};
  echoes<map<string, string>>("echoBinaryMap", &Client::echoBinaryMap, {bytes});
  echoes<map<Color::type, Point>>("echoColorMap", &Client::echoColorMap, {{{Color::INFRARED, point(1, 1)}}});
  map<string, map<int32_t, L<Point>>> nested{{"x", {{1, {point(1, 2)}}, {2, {}}}}};
  echoes<map<string, map<int32_t, L<Point>>>>("echoNestedMap", &Client::echoNestedMap, {nested});
}

namespace {

keys::Cell cell(int32_t row, int32_t column) {
  keys::Cell made;
  made.__set_row(row);
  made.__set_column(column);
  return made;
}

keys::Key number(int32_t value) {
  keys::Key made;
  made.__set_number(value);
  return made;
}

keys::Key text(const std::string& value) {
  keys::Key made;
  made.__set_text(value);
  return made;
}

}  // namespace

void Cell::keys() {
  using std::map;
  using std::set;
  using std::string;
  auto named = cell(1, 2);
  named.__set_name("n");
  map<keys::Cell, string> structs{{cell(1, 2), "a"}, {named, "b"}};
  echoes<map<keys::Cell, string>>("echoStructMap", &Client::echoStructMap, {structs});
  map<keys::Key, int32_t> unions{{number(1), 1}, {text("1"), 2}};
  echoes<map<keys::Key, int32_t>>("echoUnionMap", &Client::echoUnionMap, {unions});
  map<L<int32_t>, string> lists{{{1, 2}, "a"}, {{}, "b"}};
  echoes<map<L<int32_t>, string>>("echoListMap", &Client::echoListMap, {lists});
  map<set<string>, L<keys::Cell>> sets;
  sets[set<string>{"a", "b"}] = {cell(0, 0)};
  echoes<map<set<string>, L<keys::Cell>>>("echoSetMap", &Client::echoSetMap, {sets});
  map<map<string, int32_t>, int64_t> maps;
  maps[{{"a", 1}}] = int64_t{1} << 40;
  echoes<map<map<string, int32_t>, int64_t>>("echoMapMap", &Client::echoMapMap, {maps});
  echoes<set<keys::Cell>>("echoStructSet", &Client::echoStructSet, {{cell(1, 1), cell(1, 2)}});
  set<L<int64_t>> listSet{{1}, {1, 2}};
  echoes<set<L<int64_t>>>("echoListSet", &Client::echoListSet, {listSet});
}

void Cell::aliases() {
  using aliases::Level;
  echoes<Level::type>("echoLevel", &Client::echoLevel, {Level::MINOR, Level::NONE});
  echoes<L<Level::type>>("echoLevelList", &Client::echoLevelList, {{Level::LOW, Level::MAJOR}});
  std::map<Level::type, Color::type> levels{{Level::HIGH, Color::BLUE}};
  echoes<std::map<Level::type, Color::type>>("echoLevelMap", &Client::echoLevelMap, {levels});
}
