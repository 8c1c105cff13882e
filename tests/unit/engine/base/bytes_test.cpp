#include "quire/engine/base/bytes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace quire {
namespace {

/// Every text of up to three letters over a small alphabet: ends of the byte range and the middle.
std::vector<std::string> small_texts() {
  const std::string alphabet{'\0', 'a', '\x7f', '\x80', '\xff'};
  std::vector<std::string> texts{""};
  for (std::size_t begin = 0, length = 1; length <= 3; ++length) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char letter : alphabet) texts.push_back(texts[begin] + letter);
    }
  }
  return texts;
}

/// The order as the words of the law say it, one byte at a time.
std::strong_ordering order_by_the_law(const std::string& left, const std::string& right) {
  for (std::size_t index = 0; index < std::min(left.size(), right.size()); ++index) {
    const auto order = static_cast<unsigned char>(left[index]) <=>  //
                       static_cast<unsigned char>(right[index]);
    if (order != 0) return order;
  }
  return left.size() <=> right.size();
}

// Law: keys compare as unsigned bytes, the shorter first when one is a prefix of the other.
TEST_CASE("keys compare as unsigned bytes, then by length") {
  const std::vector<std::string> texts = small_texts();
  REQUIRE(texts.size() == 1 + 5 + 25 + 125);
  for (const std::string& left : texts) {
    for (const std::string& right : texts) {
      CAPTURE(left);
      CAPTURE(right);
      const std::strong_ordering order = compare(as_bytes(left), as_bytes(right));
      REQUIRE((order == order_by_the_law(left, right)));
      REQUIRE(equal(as_bytes(left), as_bytes(right)) == (left == right));
    }
  }
}

// Law: the shared prefix is the longest that both begin with, and it is no longer than either.
TEST_CASE("the shared prefix is the longest common beginning") {
  const std::vector<std::string> texts = small_texts();
  for (const std::string& left : texts) {
    for (const std::string& right : texts) {
      CAPTURE(left);
      CAPTURE(right);
      const std::size_t shared = shared_prefix(as_bytes(left), as_bytes(right));
      REQUIRE(shared <= std::min(left.size(), right.size()));
      REQUIRE(left.substr(0, shared) == right.substr(0, shared));
      const bool one_ends = shared == left.size() || shared == right.size();
      REQUIRE((one_ends || left[shared] != right[shared]));
    }
  }
}

TEST_CASE("empty keys need no address") {
  CHECK((compare(Bytes{}, Bytes{}) == std::strong_ordering::equal));
  CHECK((compare(Bytes{}, as_bytes("a")) == std::strong_ordering::less));
  CHECK((compare(as_bytes("a"), Bytes{}) == std::strong_ordering::greater));
  CHECK(shared_prefix(Bytes{}, as_bytes("a")) == 0);
  copy_bytes(nullptr, Bytes{});
}

TEST_CASE("text and bytes are two views of the same memory") {
  const std::string text("a\0\xff", 3);
  const Bytes bytes = as_bytes(text);
  REQUIRE(bytes.size() == 3);
  CHECK(std::to_integer<int>(bytes[2]) == 0xff);
  CHECK(as_text(bytes) == text);
  CHECK(as_text(bytes).data() == text.data());
}

TEST_CASE("copying takes all of the source and nothing beside it") {
  std::array<std::byte, 4> target{};
  target.fill(std::byte{'.'});
  copy_bytes(target.data() + 1, as_bytes("ab"));
  CHECK(as_text(target) == ".ab.");
}

// Law: with slack, what lies before the target and behind the slack is not touched, and nothing is
// read behind what is said to be readable (which the address sanitizer sees).
TEST_CASE("copying with slack takes all of the source") {
  constexpr std::size_t most = 2 * copy_slack;
  for (std::size_t size = 0; size <= most; ++size) {
    for (std::size_t readable = size; readable <= size + copy_slack; ++readable) {
      CAPTURE(size);
      CAPTURE(readable);
      const std::vector<std::byte> source(readable, std::byte{'s'});
      std::vector<std::byte> target(1 + size + copy_slack + 1, std::byte{'.'});
      copy_with_slack(target.data() + 1, source.data(), size, readable);
      REQUIRE(target.front() == std::byte{'.'});
      REQUIRE(target.back() == std::byte{'.'});
      REQUIRE(std::ranges::equal(Bytes(target).subspan(1, size), Bytes(source).first(size)));
    }
  }
}

// Law: align_up gives the smallest multiple of the alignment that is not below the size.
TEST_CASE("aligning up gives the nearest multiple") {
  for (std::size_t alignment = 1; alignment <= 64; alignment *= 2) {
    for (std::size_t size = 0; size <= 200; ++size) {
      CAPTURE(alignment);
      CAPTURE(size);
      const std::size_t aligned = align_up(size, alignment);
      REQUIRE(aligned % alignment == 0);
      REQUIRE(aligned >= size);
      REQUIRE(aligned - size < alignment);
    }
  }
}

}  // namespace
}  // namespace quire
