// Pieces: one behind the other they are the whole.
#include "quire/api/pieces.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <ranges>
#include <string>

namespace quire {
namespace {

static_assert(std::ranges::forward_range<Pieces<Bytes>> &&
              std::ranges::sized_range<Pieces<Bytes>> && std::ranges::view<Pieces<Bytes>>);
static_assert(std::ranges::common_range<Pieces<std::string_view>>);

// Law: pieces are all of the asked size but for the last, none is empty, and together they are what
// they were cut from, in the same place.
TEST_CASE("pieces are the whole, one behind the other") {
  const std::string whole = "the quick brown fox jumps over the lazy dog";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const std::string_view text = std::string_view(whole).substr(0, length);
    for (std::size_t size = 1; size <= length + 2; ++size) {
      CAPTURE(length);
      CAPTURE(size);
      std::size_t at = 0;
      for (const std::string_view piece : pieces(text, size)) {
        REQUIRE(piece.data() == text.data() + at);
        REQUIRE(piece.size() == std::min(size, length - at));
        at += piece.size();
      }
      REQUIRE(at == length);
      const auto of_bytes = pieces(as_bytes(text), size);
      REQUIRE(std::ranges::distance(of_bytes) == static_cast<std::ptrdiff_t>(of_bytes.size()));
    }
  }
  CHECK(pieces("abc", 0).size() == 3);
  CHECK(Pieces<Bytes>().begin() == Pieces<Bytes>().end());
}

}  // namespace
}  // namespace quire
