// Plain structs that kvtool shows and reads by their descriptors, against those that the library
// stores.
#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "quire/quire.hpp"
#include "tools/typed_code.hpp"

namespace kvtool::test {
namespace {

enum class Way : std::uint16_t { bid, ask };
QUIRE_DESCRIBE_ENUM(Way, bid, ask)

struct Level {
  std::int64_t price;
  std::uint32_t size;
};
QUIRE_DESCRIBE(Level, price, size)

struct Secret {
  std::uint16_t number;
};

struct Quote {
  char venue;
  char symbol[6];  // NOLINT(modernize-avoid-c-arrays): they are fields, too
  Way side;
  bool is_open;
  float change;
  std::array<Level, 2> levels;
  std::array<unsigned char, 3> hash;
  std::array<std::array<std::int8_t, 2>, 2> grid;
  Secret secret;
};
QUIRE_DESCRIBE(Quote, venue, symbol, side, is_open, change, levels, hash, grid, secret)

constexpr std::string_view sample_json =
    R"({"venue":"N","symbol":"ACME","side":1,"is_open":true,"change":-1.5,)"
    R"("levels":[{"price":-7,"size":3},{"price":8,"size":4}],"hash":"0x01ff00",)"
    R"("grid":[[1,-1],[2,-2]],"secret":"0x0201"})";

Quote sample_quote() {
  Quote quote;
  std::memset(&quote, 0, sizeof quote);
  quote.venue = 'N';
  std::memcpy(quote.symbol, "ACME", 4);
  quote.side = Way::ask;
  quote.is_open = true;
  quote.change = -1.5F;
  for (std::size_t index = 0; index < 2; ++index) {
    quote.levels[index].price = index == 0 ? -7 : 8;
    quote.levels[index].size = index == 0 ? 3 : 4;
  }
  quote.hash = {1, 255, 0};
  quote.grid = {{{1, -1}, {2, -2}}};
  quote.secret.number = 0x0102;
  return quote;
}

quire::ByteString stored_form(const Quote& quote) {
  const auto bytes = quire::PlainFormat().stored_bytes<Quote>(quote);
  return {bytes.begin(), bytes.end()};
}

std::shared_ptr<const TypedCode> code_for(const std::string& descriptor) {
  return code_of(Side::value, parse_descriptor(descriptor).value());
}

const TypedCode& quote_code() {
  static const auto code = code_for(quire::PlainFormat().descriptor<Quote>());
  REQUIRE(code != nullptr);
  return *code;
}

std::string shown(const quire::ByteString& stored) {
  const auto json = quote_code().decode(stored);
  return json ? to_text(*json) : "nothing";
}

TEST_CASE("a described plain struct is shown by its fields, and written from them") {
  const quire::ByteString stored = stored_form(sample_quote());
  CHECK(shown(stored) == sample_json);
  const auto typed = quote_code().parse(sample_json);
  REQUIRE(typed);
  const auto again = quote_code().encode(*typed);
  REQUIRE_MESSAGE(again, again.error().message);
  CHECK(*again == stored);
}

// Law: whatever the bytes of a text are, they are the same after having been shown and read.
TEST_CASE("texts in plain structs read back to equal bytes") {
  using std::string_literals::operator""s;
  const std::pair<std::string, std::string> texts[] = {
      {"\0\0\0\0\0\0"s, R"("")"},
      {"abcdef", R"("abcdef")"},
      {"Z\xC3\xBC\0\0\0"s, "\"Z\xC3\xBC\""},
      {"a\0b\0\0\0"s, R"({"hex":"610062000000"})"},
      {"\0\0\0\0\0x"s, R"({"hex":"000000000078"})"},
      {"\xC3\0\0\0\0\0"s, R"({"hex":"c30000000000"})"}};
  for (const auto& [text, expected] : texts) {
    CAPTURE(expected);
    Quote quote = sample_quote();
    std::memcpy(quote.symbol, text.data(), sizeof quote.symbol);
    const quire::ByteString stored = stored_form(quote);
    const auto json = quote_code().decode(stored);
    REQUIRE(json);
    CHECK(to_text((*json)["symbol"]) == expected);
    const auto again = quote_code().encode(*json);
    REQUIRE_MESSAGE(again, again.error().message);
    CHECK(*again == stored);
  }
}

TEST_CASE("padding is not shown, and is zero when it is written") {
  Quote quote = sample_quote();
  quire::ByteString stored = stored_form(quote);
  const quire::ByteString clean = stored;
  stored[offsetof(Quote, levels) + 12] = std::byte{9};  // behind the size of the first level
  CHECK(shown(stored) == sample_json);
  CHECK(quote_code().encode(parse_json(sample_json).value()).value() == clean);
}

TEST_CASE("bytes that are no such struct are not shown as one") {
  quire::ByteString stored = stored_form(sample_quote());
  stored[offsetof(Quote, is_open)] = std::byte{2};
  CHECK(shown(stored) == "nothing");
  stored = stored_form(sample_quote());
  stored.pop_back();
  CHECK(shown(stored) == "nothing");
}

/// The message when a sample with one value replaced is written.
std::string complaint_about(const std::string& field, Json value) {
  Json json = parse_json(sample_json).value();
  json[Json::json_pointer(field)] = std::move(value);
  const auto written = quote_code().encode(json);
  return written ? "none" : written.error().message;
}

TEST_CASE("JSON that is no such struct is refused, with where") {
  CHECK(complaint_about("/side", 65536) ==
        "side: 65536 is no value of this field: write a whole number from 0 to 65535");
  CHECK(complaint_about("/levels/1/size", -1).starts_with("levels: [1]: size: -1 is no value"));
  CHECK(complaint_about("/symbol", "1234567") ==
        R"(symbol: "1234567" is no text of at most 6 bytes)");
  CHECK(complaint_about("/venue", Json()) == "venue: null is no text of at most 1 bytes");
  CHECK(complaint_about("/grid/0", Json::array({1})) ==
        "grid: [0]: [1] is no JSON array of 2 elements");
  CHECK(complaint_about("/hash", "0x0102") ==
        R"(hash: "0x0102" is no 3 bytes in hexadecimal digits)");
  CHECK(
      complaint_about("/levels/0/more", 1).contains("is no JSON object of the fields price, size"));
  CHECK(complaint_about("/is_open", false) == "none");
}

// Law: a descriptor is a text in a file, so none of them may lead out of the value.
TEST_CASE("descriptors whose fields make no sense have no code") {
  const auto is_known = [](const std::string& text) { return code_for(text) != nullptr; };
  CHECK(is_known("plain(A,size=8,align=4,4:x:u32)"));
  CHECK(is_known("plain(size=8,align=4,0:x:array(u8,8))"));
  for (const char* text :
       {"plain(size=8,align=4)", "plain(A,size=8,align=4)", "plain(A,size=8,align=4,5:x:u32)",
        "plain(A,size=8,align=4,8:x:u8)", "plain(A,size=8,align=4,-1:x:u8)",
        "plain(A,size=8,align=4,18446744073709551615:x:u32)", "plain(A,size=8,align=4,0:x:colour)",
        "plain(A,size=8,align=4,0:x:u8,1:x:u8)", "plain(A,size=8,align=4,u32)",
        "plain(A,size=8,0:x:u32)", "plain(A,B,size=8,align=4,0:x:u32)",
        "plain(A,size=8,align=4,0:x:array(bytes(0),4000000000))",
        "plain(A,size=8,align=4,0:x:array(u32,4611686018427387905))",
        "plain(A,size=8,align=4,0:x:array(array(u32,4294967295),4294967297))",
        "plain(A,size=99999999999,align=4,0:x:u32)", "plain(A,size=8,align=4,0:x:struct(B))"}) {
    CAPTURE(text);
    CHECK_FALSE(is_known(text));
  }
}

}  // namespace
}  // namespace kvtool::test
