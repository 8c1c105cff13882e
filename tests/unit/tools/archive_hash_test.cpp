// Hash tables whose keys somebody chose, so that all of them want the same bucket.
#include <doctest/doctest.h>

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "quire/formats/rkyv.hpp"
#include "tools/byte_text.hpp"
#include "tools/dump_value.hpp"
#include "tools/typed_code.hpp"

namespace kvtool::test {
namespace {

using Numbers = std::unordered_set<std::uint64_t>;
constexpr const char* descriptor = "rkyv(hash_set(u64))";

std::uint64_t hash_of(std::uint64_t key) {
  quire::rkyv::Hasher hasher;
  hasher.word(key);
  return hasher.hash();
}

/// The key of a hash: a key's hash is its product with an odd number, which can be turned back.
std::uint64_t key_of(std::uint64_t hash) {
  const std::uint64_t factor = hash_of(1);
  std::uint64_t inverse = factor;
  for (int round = 0; round < 6; ++round) inverse *= 2 - factor * inverse;
  return hash * inverse;
}

std::vector<std::uint64_t> keys_for_one_bucket(std::size_t count) {
  const quire::rkyv::HashSizes sizes(quire::rkyv::HashSizes::buckets_for(count));
  std::vector<std::uint64_t> keys;
  for (std::uint64_t n = 0; n < count; ++n) {
    keys.push_back(key_of(n * sizes.buckets));
    REQUIRE(hash_of(keys.back()) % sizes.buckets == 0);
  }
  return keys;
}

ByteString archive_of(const Numbers& numbers) {
  const quire::RkyvFormat format;
  ByteString archive(format.measure<Numbers>(numbers).value());
  format.write<Numbers>(numbers, archive);
  return archive;
}

const auto code = code_of(Side::value, parse_descriptor(descriptor).value());

TEST_CASE("a table of many ordinary keys is shown so that it can be written again") {
  Numbers numbers;
  for (std::uint64_t n = 0; n < 20'000; ++n) numbers.insert(n * n);
  const ByteString archive = archive_of(numbers);
  const auto shown = code->decode(archive).value();
  CHECK(shown.size() == numbers.size());
  CHECK(code->encode(shown).value() == archive);
}

// It took time with the square of the size: hours for a million keys.
TEST_CASE("a table of keys that all want one bucket is shown, dumped as bytes, and not written") {
  const auto keys = keys_for_one_bucket(20'000);
  const ByteString archive = archive_of(Numbers(keys.begin(), keys.end()));
  const auto shown = code->decode(archive).value();
  CHECK(shown.size() == keys.size());
  const auto written = code->encode(shown);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().message == "a hash table has too many keys that want the same bucket");
  const DumpedForm form(DumpEncoding::typed, Side::value, descriptor);
  const auto dumped = parse_json(form.write(archive)).value();
  CHECK(dumped.contains("hex"));
  CHECK(form.read(dumped).value() == archive);
}

}  // namespace
}  // namespace kvtool::test
