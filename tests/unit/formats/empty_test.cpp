#include "quire/formats/empty.hpp"

#include <doctest/doctest.h>

namespace quire::test {
namespace {

TEST_CASE("no value takes no bytes, and any bytes are no such value") {
  const EmptyFormat format;
  CHECK(format.stored_bytes<Empty>({}).empty());
  CHECK(format.check<Empty>({}).has_value());
  CHECK(format.check<std::monostate>(as_bytes("x")).error().code() == ErrorCode::corrupt);
  CHECK(format.descriptor<Empty>() == "empty");
}

}  // namespace
}  // namespace quire::test
