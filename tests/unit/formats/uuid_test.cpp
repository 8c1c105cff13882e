#include "quire/formats/uuid.hpp"

#include <doctest/doctest.h>

#include <string>

#include "quire/formats/plain.hpp"
#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

constexpr std::string_view example = "01234567-89ab-cdef-0123-456789abcdef";
static_assert(Uuid::parse(example)->bytes[1] == std::byte{0x23});

// Law: the text of a UUID is read as that UUID, and orders as it does.
TEST_CASE("uuids are read from their text") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const auto uuid = sample<Uuid>(random);
    const auto other = sample<Uuid>(random);
    CHECK(Uuid::parse(uuid.to_string()) == uuid);
    CHECK((uuid.to_string() <=> other.to_string()) == (uuid <=> other));
  }
}

TEST_CASE("uuids are written in lower case, and read in either") {
  CHECK(Uuid::parse(example)->to_string() == example);
  CHECK(Uuid::parse("01234567-89AB-CDEF-0123-456789abCDef")->to_string() == example);
  CHECK(Uuid{}.to_string() == "00000000-0000-0000-0000-000000000000");
}

// Law: no text with one character less, more or other than a UUID's is one.
TEST_CASE("what is not the text of a uuid is refused") {
  CHECK(!Uuid::parse(""));
  CHECK(!Uuid::parse("{01234567-89ab-cdef-0123-456789abcdef}"));
  CHECK(!Uuid::parse("0123456789abcdef0123456789abcdef"));
  for (std::size_t at = 0; at < example.size(); ++at) {
    CAPTURE(at);
    CHECK(!Uuid::parse(std::string(example).erase(at, 1)));
    CHECK(!Uuid::parse(std::string(example).insert(at, 1, '0')));
    for (const char wrong : {'g', 'G', ' ', '\0', '@', '/', ':', '\xC3'}) {
      std::string text(example);
      text[at] = wrong;
      CHECK(!Uuid::parse(text));
    }
    std::string text(example);
    text[at] = example[at] == '-' ? '0' : '-';
    CHECK(!Uuid::parse(text));
  }
}

TEST_CASE("uuids are keys in the order of their bytes, and plain values") {
  check_laws_of_each<Uuid>();
  CHECK(OrderedFormat{}.descriptor<Uuid>() == "uuid");
  CHECK(PlainFormat{}.descriptor<Uuid>() == "plain(uuid,size=16,align=1)");
}

}  // namespace
}  // namespace quire::test
