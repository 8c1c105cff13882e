#include "quire/formats/compressed.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "quire/formats/plain.hpp"
#include "quire/formats/raw.hpp"
#include "quire/formats/text.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

using CompressedText = Compressed<TextFormat>;
using CompressedRaw = Compressed<RawFormat>;
static_assert(ValueFormat<CompressedText, std::string>);
static_assert(StoresByEncoding<CompressedText, std::string>);
static_assert(UnpacksValues<CompressedText, std::string> && !UnpacksValues<TextFormat, Bytes>);
static_assert(std::same_as<ValueView<Compressed<PlainFormat>, double>, const double&>);
// Compressing twice is no use, and is refused when it is compiled.
static_assert(!ValueFormat<Compressed<CompressedText>, std::string>);

using Random = std::mt19937_64;

ByteString random_bytes(Random& random, std::size_t size) {
  ByteString bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

/// Words by chance, which compress well.
std::string words(Random& random, std::size_t size) {
  constexpr std::array<std::string_view, 4> all{"quire ", "page ", "leaf ", "branch "};
  std::string text;
  while (text.size() < size) text.append(all[random() % all.size()]);
  text.resize(size);
  return text;
}

ByteString stored_form(const CompressedText& format, std::string_view value) {
  const auto encoded = format.encode_value<std::string>(value).value();
  const Bytes bytes = encoded.bytes();
  return {bytes.begin(), bytes.end()};
}

std::string unpacked(const CompressedText& format, Bytes stored) {
  const HeapBytes bytes = format.unpack<std::string>(stored).value();
  REQUIRE(format.check<std::string>(bytes.bytes()).has_value());
  return std::string(format.view<std::string>(bytes.bytes()));
}

ErrorCode code_of(const Result<HeapBytes>& result) {
  return result ? ErrorCode{255} : result.error().code();
}

// Law: what is unpacked is what was packed, at most one byte larger when stored.
TEST_CASE("values of every size come back as they were") {
  Random random(1);
  for (const std::size_t size :
       {0u, 1u, 2u, 5u, 6u, 7u, 100u, 4096u, 100'000u, 131'072u, 131'073u, 1u << 20}) {
    for (const int level : {-5, 1, 3, 9}) {
      const CompressedText format{.level = level};
      const std::string text = words(random, size);
      const ByteString stored = stored_form(format, text);
      CAPTURE(size);
      CHECK(stored.size() <= size + 1);
      if (size >= 4096) CHECK(stored.size() < size / 2);
      REQUIRE(unpacked(format, stored) == text);
    }
    const ByteString noise = random_bytes(random, size);
    const ByteString stored = stored_form({}, as_text(noise));
    CHECK(stored.size() == size + 1);
    REQUIRE(unpacked({}, stored) == as_text(noise));
  }
}

TEST_CASE("golden bytes of packed values") {
  const CompressedText format;
  const ByteString small = stored_form(format, "abc");
  CHECK(as_text(small) == std::string_view("\0abc", 4));
  CHECK(as_text(stored_form(format, "")) == std::string_view("\0", 1));
  const ByteString large = stored_form(format, std::string(1000, 'a'));
  CHECK(as_text(Bytes(large).first(9)) == std::string_view("\1\xe8\3\0\0\x28\xb5\x2f\xfd", 9));
  // Made by: printf abcabcabcabcabcabcabcabc | zstd
  constexpr std::string_view frame(
      "\1\x18\0\0\0\x28\xb5\x2f\xfd\4\x58\x4d\0\0\x18\x61\x62\x63\1\0\x7e\x6e\x08\x48\xc3\xd3\x0e",
      27);
  CHECK(unpacked(format, as_bytes(frame)) == "abcabcabcabcabcabcabcabc");
}

TEST_CASE("what is unpacked lies at the inner format's alignment") {
  const CompressedRaw format{RawFormat{64}};
  CHECK(format.alignment<Bytes>() == 1);
  for (const std::size_t size : {1u, 100u, 10'000u}) {
    const ByteString value(size, std::byte{7});
    const auto encoded = format.encode_value<Bytes>(value).value();
    const HeapBytes bytes = format.unpack<Bytes>(encoded.bytes()).value();
    CHECK(is_aligned(bytes.bytes(), 64));
    CHECK(format.check<Bytes>(bytes.bytes()).has_value());
    CHECK(equal(format.view<Bytes>(bytes.bytes()), value));
  }
}

TEST_CASE("what the inner format refuses is refused when it is unpacked, too") {
  const Compressed<PlainFormat> format;
  const double value = 2.5;
  const auto encoded = format.encode_value<double>(value).value();
  const HeapBytes bytes = format.unpack<double>(encoded.bytes()).value();
  CHECK(format.check<double>(bytes.bytes()).has_value());
  CHECK(format.view<double>(bytes.bytes()) == 2.5);
  CHECK(format.check<float>(bytes.bytes()).error().code() == ErrorCode::corrupt);
}

// Law: no memory is taken on the word of a header alone.
TEST_CASE("a header that says too much is corrupt before there is memory for it") {
  const CompressedText format;
  const ByteString sound = stored_form(format, std::string(10'000, 'a'));
  for (const std::uint32_t size : {0u, 9'999u, 10'001u, 1u << 20, 1u << 28, 0xffff'ffffu}) {
    ByteString stored = sound;
    *overlay<U32le>(stored.data() + 1) = size;
    CAPTURE(size);
    const auto refused = format.unpack<std::string>(stored);
    CHECK(code_of(refused) == ErrorCode::corrupt);
    // No frame of some twenty bytes holds a MiB, so that no memory was asked for.
    CHECK(refused.error().detail().contains("says that it has") == (size >= 1U << 20));
  }
  const CompressedText strict{.size_limit = 9'999};
  const auto refused = strict.unpack<std::string>(sound);
  CHECK(code_of(refused) == ErrorCode::corrupt);
  CHECK(refused.error().detail().contains("says that it has 10000"));
  CHECK(strict.encode_value<std::string>(std::string(10'000, 'a')).error().code() ==
        ErrorCode::value_too_large);
  CHECK(strict.encode_value<std::string>(std::string(9'999, 'a')).has_value());
}

TEST_CASE("bytes that were never packed are corrupt") {
  const CompressedText format;
  CHECK(code_of(format.unpack<std::string>({})) == ErrorCode::corrupt);
  for (const std::string_view stored : {"\1", "\1\1", "\1\1\1\1", "\2abc", "\xff"})
    CHECK(code_of(format.unpack<std::string>(as_bytes(stored))) == ErrorCode::corrupt);
}

// Law: a damaged frame is corrupt, or gives bytes of the size that its header says.
TEST_CASE("mutants of frames do no harm") {
  Random random(2);
  const CompressedText format{.size_limit = 1 << 16};
  std::size_t refused = 0;
  const std::size_t count = scaled(5000);
  for (std::size_t n = 0; n < count; ++n) {
    ByteString stored = stored_form(format, words(random, random() % 3000));
    for (std::size_t changes = random() % 4 + 1; changes > 0; --changes)
      stored[random() % stored.size()] = static_cast<std::byte>(random());
    if (random() % 4 == 0) stored.resize(random() % stored.size() + 1);
    CAPTURE(n);
    const auto bytes = format.unpack<std::string>(stored);
    if (!bytes) {
      ++refused;
      REQUIRE(bytes.error().code() == ErrorCode::corrupt);
    } else if (stored.front() == std::byte{1}) {
      REQUIRE(bytes->bytes().size() == *overlay<U32le>(stored.data() + 1));
    }
  }
  CHECK(refused > count / 10);
}

TEST_CASE("descriptors of compressed values, and what opens as what") {
  CHECK(CompressedText{}.descriptor<std::string>() == "zstd(text)");
  CHECK(Compressed{RawFormat{16}}.descriptor<Bytes>() == "zstd(raw(align=16))");
  const auto difference = [](std::string_view stored, std::string_view asked) {
    return CompressedText::descriptor_difference(stored, asked).value_or("none");
  };
  CHECK(difference("zstd(text)", "zstd(text)") == "none");
  CHECK(difference("text", "zstd(text)") == "stored text, asked zstd");
  CHECK(difference("zstd(raw)", "zstd(text)") == "stored raw, asked text");
}

}  // namespace
}  // namespace quire::test
