#include "quire/formats/base64.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace quire::test {
namespace {

using detail::from_base64;
using detail::to_base64;

// The examples of RFC 4648, without padding.
TEST_CASE("golden texts of bytes") {
  CHECK(to_base64({}).empty());
  CHECK(to_base64(as_bytes("f")) == "Zg");
  CHECK(to_base64(as_bytes("fo")) == "Zm8");
  CHECK(to_base64(as_bytes("foo")) == "Zm9v");
  CHECK(to_base64(as_bytes("foobar")) == "Zm9vYmFy");
  CHECK(to_base64(as_bytes("\xfb\xff\xfe")) == "-__-");
}

TEST_CASE("bytes come back from their text") {
  std::vector<std::byte> bytes;
  for (unsigned n = 0; n < 600; ++n) {
    REQUIRE(from_base64(to_base64(bytes)) == bytes);
    bytes.push_back(static_cast<std::byte>(n * 37));
  }
}

TEST_CASE("a text that no bytes have is refused") {
  for (const std::string_view text : {"A", "Zm9vY", "Zh", "Zm9", "Zg==", "Zm+v", "Z g"})
    CHECK_FALSE(from_base64(text).has_value());
}

}  // namespace
}  // namespace quire::test
