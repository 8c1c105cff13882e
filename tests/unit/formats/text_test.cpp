#include "quire/formats/text.hpp"

#include <doctest/doctest.h>

namespace quire::test {
namespace {

TEST_CASE("text is read in place") {
  const TextFormat format;
  const std::string_view text("a\0b", 3);
  const Bytes stored = format.stored_bytes<std::string>(text);
  CHECK(format.check<std::string>(stored).has_value());
  CHECK(format.view<std::string>(stored) == text);
  CHECK(format.view<std::string>(stored).data() == text.data());
  CHECK(format.view<std::string>({}).empty());
  CHECK(format.descriptor<std::string>() == "text");
}

}  // namespace
}  // namespace quire::test
