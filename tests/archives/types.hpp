// The types of the vectors in C++.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "quire/formats/rkyv.hpp"

namespace quire::test {

struct Floats {
  std::array<float, 6> f;
  std::array<double, 6> d;
};
QUIRE_DESCRIBE(Floats, f, d)

struct Strs {
  std::string empty, one, seven, eight, nine, s63, s64, s65, utf8_7, utf8_8, utf8_9, emoji, nul;
};
QUIRE_DESCRIBE(Strs, empty, one, seven, eight, nine, s63, s64, s65, utf8_7, utf8_8, utf8_9, emoji,
               nul)

struct Filing {
  std::string form;
  std::string accession;
  std::uint32_t size_bytes = 0;
  bool accepted = false;
};
QUIRE_DESCRIBE(Filing, form, accession, size_bytes, accepted)

struct CikData {
  std::uint64_t cik = 0;
  std::string name;
  double revenue = 0;
  std::vector<Filing> filings;
  std::optional<std::string> ticker;
  std::unordered_map<std::string, std::string> tags;
  std::optional<std::uint16_t> sic;
  std::vector<std::string> former_names;
  std::pair<std::uint8_t, std::uint8_t> fy_end;
};
QUIRE_DESCRIBE(CikData, cik, name, revenue, filings, ticker, tags, sic, former_names, fy_end)

struct Node {
  std::optional<std::shared_ptr<Node>> left, right;
};
QUIRE_DESCRIBE(Node, left, right)

struct Unit0 {};
QUIRE_DESCRIBE(Unit0)
struct WithZst {
  std::uint8_t a = 0;
  Unit0 z;
  std::uint32_t b = 0;
  std::monostate u;
};
QUIRE_DESCRIBE(WithZst, a, z, b, u)

enum class Color : std::uint8_t { Red, Green, Blue };
QUIRE_DESCRIBE_ENUM(Color, Red, Green, Blue)
enum class Explicit : std::uint8_t { A = 3, B, C = 200, D };
QUIRE_DESCRIBE_ENUM(Explicit, A, B, C, D)

struct Rect {
  float w = 0;
  float h = 0;
};
QUIRE_DESCRIBE(Rect, w, h)
struct Poly {
  std::vector<std::pair<std::int32_t, std::int32_t>> points;
  std::optional<std::string> name;
  Color color = Color::Red;
};
QUIRE_DESCRIBE(Poly, points, name, color)
using Shape = std::variant<std::monostate, double, std::string, Rect,
                           std::tuple<std::uint8_t, std::string, std::uint16_t>, Poly>;
QUIRE_DESCRIBE_VARIANT(Shape, (Empty, 0), (Circle, 1), (Label, 2), (Rect, 3), (Tagged, 4),
                       (Poly, 5))

struct Mixed {
  std::uint8_t a = 0;
  std::uint32_t b = 0;
  std::uint8_t c = 0;
  std::uint64_t d = 0;
};
QUIRE_DESCRIBE(Mixed, a, b, c, d)
using BigAlign = std::variant<std::monostate, std::uint8_t, UnsignedInt128, Mixed>;
QUIRE_DESCRIBE_VARIANT(BigAlign, (None, 0), (Small, 1), (Big, 2), (Mixed, 3))

struct Drawing {
  std::string title;
  std::vector<Shape> shapes;
  Shape main;
  std::optional<Shape> back;
  std::array<Color, 3> palette;
  Explicit e = Explicit::A;
  BigAlign big;
};
QUIRE_DESCRIBE(Drawing, title, shapes, main, back, palette, e, big)

struct ListNode {
  std::uint16_t value = 0;
  std::optional<std::unique_ptr<ListNode>> next;
};
QUIRE_DESCRIBE(ListNode, value, next)
struct TreeNode {
  std::string label;
  std::vector<TreeNode> kids;
};
QUIRE_DESCRIBE(TreeNode, label, kids)

struct Arrays {
  std::array<std::uint8_t, 5> a;
  std::array<std::uint16_t, 3> b;
  std::array<std::string, 3> c;
  std::array<std::array<std::uint32_t, 2>, 2> d;
  std::array<std::pair<std::uint8_t, std::uint16_t>, 2> e;
  std::array<std::uint64_t, 0> f;
  std::array<std::optional<std::uint8_t>, 4> g;
};
QUIRE_DESCRIBE(Arrays, a, b, c, d, e, f, g)

struct Tuples {
  std::tuple<std::uint8_t> a;
  std::pair<std::uint8_t, std::uint32_t> b;
  std::pair<std::uint32_t, std::uint8_t> c;
  std::tuple<std::uint8_t, std::string, std::uint64_t> d;
  std::pair<std::pair<std::uint8_t, std::uint16_t>, std::pair<std::uint16_t, std::uint8_t>> e;
  std::tuple<bool, char32_t, std::int8_t, std::int64_t, float, std::string> f;
};
QUIRE_DESCRIBE(Tuples, a, b, c, d, e, f)

struct Options {
  std::optional<std::uint8_t> a, b;
  std::optional<std::uint32_t> c;
  std::optional<std::uint64_t> d;
  std::optional<std::string> e, f;
  std::optional<std::vector<std::uint16_t>> g;
  std::optional<std::optional<std::uint32_t>> h, i, j;
  std::optional<std::monostate> k;
  std::optional<bool> l;
  std::optional<std::pair<std::uint8_t, std::uint16_t>> m;
  std::optional<UnsignedInt128> n;
};
QUIRE_DESCRIBE(Options, a, b, c, d, e, f, g, h, i, j, k, l, m, n)

struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
};
QUIRE_DESCRIBE(Rgb, r, g, b)
struct Padded {
  std::uint8_t a = 0;
  std::uint32_t b = 0;
  std::uint8_t c = 0;
};
QUIRE_DESCRIBE(Padded, a, b, c)
struct Vecs {
  std::string pre;
  std::vector<std::uint64_t> empty64;
  std::vector<std::uint8_t> bytes, odd;
  std::vector<std::uint32_t> empty32;
  std::vector<std::uint16_t> w;
  std::vector<std::vector<std::uint32_t>> nested;
  std::vector<std::string> strs;
  std::vector<std::pair<std::uint8_t, std::uint32_t>> pairs;
  std::vector<std::optional<std::uint16_t>> opts;
  std::vector<bool> bools;
  std::vector<char32_t> chars;
  std::vector<std::monostate> units;
  std::vector<Rgb> packed;
  std::vector<Padded> padded;
  std::vector<UnsignedInt128> wide;
  std::deque<std::uint16_t> dq;
};
QUIRE_DESCRIBE(Vecs, pre, empty64, bytes, odd, empty32, w, nested, strs, pairs, opts, bools, chars,
               units, packed, padded, wide, dq)

struct BMaps {
  std::map<std::uint32_t, std::uint32_t> empty;
  std::map<std::string, std::uint32_t> small;
  std::map<std::uint16_t, std::string> mid;
  std::set<std::uint32_t> set;
  std::set<std::string> sset;
  std::map<std::uint8_t, std::map<std::string, std::vector<std::uint8_t>>> nested;
};
QUIRE_DESCRIBE(BMaps, empty, small, mid, set, sset, nested)

struct HMaps {
  std::unordered_map<std::uint32_t, std::uint32_t> empty;
  std::unordered_map<std::string, std::uint64_t> one;
  std::unordered_map<std::string, std::string> words;
  std::unordered_map<std::uint64_t, std::uint8_t> nums;
  std::unordered_set<std::string> set;
  std::unordered_set<std::uint8_t> eset;
  std::unordered_map<std::string, std::unordered_map<std::uint32_t, std::vector<std::string>>>
      nested;
};
QUIRE_DESCRIBE(HMaps, empty, one, words, nums, set, eset, nested)

}  // namespace quire::test
