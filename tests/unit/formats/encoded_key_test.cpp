#include "quire/formats/encoded_key.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace quire::test {
namespace {

// Law: an owned key shows what it was made of, wherever it is moved.
TEST_CASE("owned keys of any size keep their bytes when they move") {
  for (std::size_t size = 0; size < 200; ++size) {
    CAPTURE(size);
    std::string text(size, '\0');
    for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>(at);
    OwnedKey first(as_bytes(text));
    CHECK(as_text(first.bytes()) == text);
    OwnedKey second(std::move(first));
    CHECK(as_text(second.bytes()) == text);
    OwnedKey third(as_bytes(std::string(300 - size, 'x')));
    third = std::move(second);
    CHECK(as_text(third.bytes()) == text);
  }
}

}  // namespace
}  // namespace quire::test
