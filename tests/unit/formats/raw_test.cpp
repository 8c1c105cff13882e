#include "quire/formats/raw.hpp"

#include <doctest/doctest.h>

#include <array>

namespace quire::test {
namespace {

TEST_CASE("raw values are the bytes themselves") {
  const RawFormat format;
  const Bytes bytes = as_bytes("abc");
  CHECK(format.stored_bytes<Bytes>(bytes).data() == bytes.data());
  CHECK(format.view<Bytes>(bytes).data() == bytes.data());
  CHECK(format.check<Bytes>(bytes).has_value());
  CHECK(format.descriptor<Bytes>() == "raw");
}

TEST_CASE("raw values that ask for an alignment are checked for it") {
  const RawFormat format{16};
  alignas(16) const std::array<std::byte, 32> room{};
  for (std::size_t offset = 0; offset < 32; ++offset) {
    CHECK(format.check<ByteString>(Bytes(room).subspan(offset)).has_value() == (offset % 16 == 0));
  }
  CHECK(format.alignment<Bytes>() == 16);
  CHECK(format.descriptor<Bytes>() == "raw(align=16)");
}

TEST_CASE("raw keys are the bytes themselves") {
  const RawFormat format;
  const Bytes bytes = as_bytes("abc");
  CHECK(format.encode<ByteString>(bytes).bytes().data() == bytes.data());
  CHECK(equal(format.decode<ByteString>(bytes).value(), bytes));
  CHECK(equal(format.encode_prefix<ByteString>(bytes).bytes(), bytes));
}

}  // namespace
}  // namespace quire::test
