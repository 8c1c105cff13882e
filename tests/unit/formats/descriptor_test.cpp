#include "quire/formats/descriptor.hpp"

#include <doctest/doctest.h>

#include "quire/formats/text.hpp"

namespace quire::test {
namespace {

TEST_CASE("the first words that differ are named") {
  CHECK_FALSE(first_differing_word("text", "text").has_value());
  CHECK(first_differing_word("tuple(u32,u8)", "tuple(u32,u16)") == "stored u8, asked u16");
  CHECK(first_differing_word("", "text") == "stored nothing more, asked text");
}

TEST_CASE("most formats ask for equal descriptors") {
  static_assert(descriptor_rule<TextFormat>() == &first_differing_word);
}

TEST_CASE("what is longer than a name is shown by its beginning") {
  const std::string longest(80, 'w');
  CHECK(shortened_descriptor("tuple(u32,u8)") == "tuple(u32,u8)");
  CHECK(shortened_descriptor("a(" + longest + ")") == "a(" + longest + ")");
  CHECK(shortened_descriptor("a(" + longest + "w,b)") == "a(" + longest.substr(0, 20) + "...,b)");
  CHECK(shortened_descriptor("").empty());
}

}  // namespace
}  // namespace quire::test
