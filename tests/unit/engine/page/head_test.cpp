// Heads, separators and the key buffer: keys in pieces.
#include "quire/engine/page/head.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "material.hpp"
#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/key_buffer.hpp"
#include "quire/engine/page/separator.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// All keys of up to so many bytes that are 0, 1 or 0xff, in order of length.
std::vector<std::string> small_keys(std::size_t longest) {
  std::vector<std::string> keys = {""};
  for (std::size_t begin = 0, size = 1; size <= longest; ++size) {
    const std::size_t end = keys.size();
    for (; begin < end; ++begin) {
      for (const char byte : {'\0', '\1', '\xff'}) keys.push_back(keys[begin] + byte);
    }
  }
  return keys;
}

/// The head, byte for byte.
std::uint64_t slow_head(const std::string& key, std::size_t position) {
  std::uint64_t head = 0;
  for (std::size_t i = position; i < position + layout::head_size; ++i) {
    head = head << 8 | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0U);
  }
  return head;
}

std::strong_ordering order_by_pieces(Bytes left, Bytes right, std::size_t prefix_size) {
  const auto heads = head_at(left, prefix_size) <=> head_at(right, prefix_size);
  if (heads != 0) return heads;
  return compare(rest_at(left, prefix_size), rest_at(right, prefix_size));
}

TEST_CASE("a head is the next eight bytes of a key, and zeros behind its end") {
  Random random(1);
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string key = random.bytes(size);
    for (std::size_t position = 0; position < size + 10; ++position) {
      REQUIRE(head_at(as_bytes(key), position) == slow_head(key, position));
    }
  }
}

// Law: heads, then tails, then lengths order keys as their bytes do, behind any shared prefix.
TEST_CASE("pieces order keys as bytes do") {
  const std::vector<std::string> keys = small_keys(4);
  for (const std::string& filler : {std::string(), std::string(6, '\0'), std::string(9, 'x')}) {
    for (const std::string& left : keys) {
      for (const std::string& right : keys) {
        const std::string left_key = filler + left;
        const std::string right_key = filler + right;
        const auto wanted = compare(as_bytes(left_key), as_bytes(right_key));
        REQUIRE(order_by_pieces(as_bytes(left_key), as_bytes(right_key), 0) == wanted);
        REQUIRE(order_by_pieces(as_bytes(left_key), as_bytes(right_key), filler.size()) == wanted);
      }
    }
  }
}

TEST_CASE("a plain key is the one that its head spells") {
  for (const std::string& key : small_keys(6)) {
    const std::uint64_t head = head_at(as_bytes(key), 0);
    const bool ends_in_zero = !key.empty() && key.back() == '\0';
    REQUIRE(is_plain(as_bytes(key), 0) == !ends_in_zero);
    REQUIRE((spelled_size(head) == key.size()) == !ends_in_zero);
  }
  const std::string nine(9, 'x');
  CHECK_FALSE(is_plain(as_bytes(nine), 0));
  CHECK(is_plain(as_bytes(nine), 1));
}

TEST_CASE("a key lies before, after or among those that share a prefix") {
  const std::vector<std::string> keys = small_keys(4);
  for (const std::string& prefix : small_keys(3)) {
    const std::string lowest = prefix;
    for (const std::string& key : keys) {
      const auto side = compare_with_prefix(as_bytes(key), as_bytes(prefix));
      if (key.starts_with(prefix)) {
        REQUIRE(side == 0);
      } else {
        REQUIRE((side < 0) == (key < lowest));
        REQUIRE(side != 0);
      }
    }
  }
}

// Law: every key of a page comes back from its pieces; the longest of any page size, too.
TEST_CASE("a key buffer puts a key together again") {
  Random random(2);
  KeyBuffer buffer;
  for (std::size_t round = 0; round < scaled(2000); ++round) {
    const std::size_t longest = random.one_in(20) ? layout::max_key_size_of_any : 40;
    const std::string key = random.bytes(random.one_in(20) ? longest : random.below(longest + 1));
    const std::size_t prefix_size = random.below(key.size() + 1);
    const Bytes bytes = as_bytes(key);
    buffer.set_prefix(bytes.first(prefix_size));
    const KeyRest rest = rest_at(bytes, prefix_size);
    const std::uint64_t head = head_at(bytes, prefix_size);
    REQUIRE(as_text(buffer.set_rest(head, rest.remaining, rest.tail.data())) == key);
    REQUIRE(as_text(buffer.assign(bytes)) == key);
    REQUIRE(buffer.size() == key.size());
  }
}

// Law: the separator is above the left key and not above the right one, and no shorter key is.
TEST_CASE("a separator is the shortest key that tells two neighbours apart") {
  const std::vector<std::string> keys = small_keys(4);
  for (const std::string& left : keys) {
    for (const std::string& right : keys) {
      if (left >= right) continue;
      const std::string separator(as_text(shortest_separator(as_bytes(left), as_bytes(right))));
      REQUIRE((left < separator && separator <= right));
      for (std::size_t size = 0; size < separator.size(); ++size) {
        REQUIRE_FALSE((left < right.substr(0, size)));
      }
    }
  }
}

}  // namespace
}  // namespace quire::test
