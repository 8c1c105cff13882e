// Archives through C++ types: what the crate wrote is read, and written again to the same bytes.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <expected>
#include <map>
#include <set>
#include <string>

#include "archives/manifest.hpp"
#include "archives/mutants.hpp"
#include "archives/rust_type.hpp"
#include "archives/types.hpp"
#include "support/volume.hpp"
#include "tools/archive_json.hpp"

namespace quire::test {
namespace {

using kvtool::Json;

template <class V>
std::vector<std::byte> archive_of(const V& value) {
  const RkyvFormat format;
  std::vector<std::byte> bytes(format.measure<V>(value).value());
  format.write<V>(value, bytes);
  return bytes;
}

/// How many vectors have this type; each is loaded and written again.
template <class V>
std::size_t check_vectors(const std::string& rust_type, bool has_hash_tables = false) {
  std::size_t count = 0;
  const std::string expected =
      "rkyv(" + description_of(rust_type, manifest().json()["types"]) + ")";
  CHECK(RkyvFormat().descriptor<V>() == expected);
  for (const Json& each : manifest().json()["cases"]) {
    if (each["type"] != rust_type) continue;
    CAPTURE(each["name"].get<std::string>());
    ++count;
    const auto archive = manifest().file(each["file"]);
    REQUIRE(RkyvFormat().check<V>(archive));
    const auto again = archive_of<V>(RkyvFormat().load<V>(archive));
    REQUIRE(RkyvFormat().check<V>(again));
    if (!has_hash_tables) CHECK(equal(again, archive));
    const auto schema = manifest().schema(rust_type);
    CHECK(letters_of(kvtool::read_archive(*schema, again)) ==
          letters_of(as_shown(schema->root(), each["value"])));
  }
  return count;
}

TEST_CASE("scalars and texts agree with the crate") {
  CHECK(check_vectors<std::uint8_t>("u8") == 1);
  CHECK(check_vectors<std::uint32_t>("u32") == 1);
  CHECK(check_vectors<std::int64_t>("i64") == 1);
  CHECK(check_vectors<UnsignedInt128>("u128") == 1);
  CHECK(check_vectors<double>("f64") == 1);
  CHECK(check_vectors<bool>("bool") == 1);
  CHECK(check_vectors<char32_t>("char") == 1);
  CHECK(check_vectors<std::monostate>("()") == 1);
  CHECK(check_vectors<std::string>("String") > 10);
  CHECK(check_vectors<Floats>("Floats") == 1);
  CHECK(check_vectors<Strs>("Strs") == 1);
}

TEST_CASE("structs, tuples and what is one of several agree with the crate") {
  CHECK(check_vectors<Unit0>("Unit0") == 1);
  CHECK(check_vectors<WithZst>("WithZst") == 1);
  CHECK(check_vectors<Tuples>("Tuples") == 1);
  CHECK(check_vectors<Color>("Color") == 1);
  CHECK(check_vectors<Shape>("Shape") == 6);
  CHECK(check_vectors<Drawing>("Drawing") == 1);
  CHECK(check_vectors<Options>("Options") == 2);
  CHECK(check_vectors<ListNode>("ListNode") == 1);
  CHECK(check_vectors<TreeNode>("TreeNode") == 1);
}

TEST_CASE("sequences, maps and sets agree with the crate") {
  CHECK(check_vectors<Arrays>("Arrays") == 1);
  CHECK(check_vectors<Vecs>("Vecs") == 1);
  CHECK(check_vectors<std::vector<std::uint32_t>>("Vec<u32>") == 1);
  CHECK(check_vectors<std::vector<std::uint8_t>>("Vec<u8>") == 1);
  CHECK(check_vectors<std::vector<Explicit>>("Vec<Explicit>") == 1);
  CHECK(check_vectors<std::vector<BigAlign>>("Vec<BigAlign>") == 1);
  CHECK(check_vectors<std::vector<std::vector<std::string>>>("Vec<Vec<String>>") == 1);
  CHECK(check_vectors<std::map<std::uint32_t, std::uint32_t>>("BTreeMap<u32, u32>") > 10);
  CHECK(check_vectors<std::map<std::string, std::string>>("BTreeMap<String, String>") == 1);
  CHECK(check_vectors<std::set<std::uint8_t>>("BTreeSet<u8>") == 1);
  CHECK(check_vectors<BMaps>("BMaps") == 1);
}

TEST_CASE("hash tables agree with the crate, but for the order in which keys came") {
  CHECK(check_vectors<CikData>("CikData", true) == 2);
  CHECK(check_vectors<HMaps>("HMaps", true) == 1);
  CHECK(check_vectors<std::unordered_map<std::uint32_t, std::uint32_t>>("HashMap<u32, u32>", true) >
        15);
  CHECK(check_vectors<std::unordered_map<std::uint64_t, std::uint8_t>>("HashMap<u64, u8>", true) ==
        1);
  CHECK(check_vectors<std::unordered_map<std::string, std::string>>("HashMap<String, String>",
                                                                    true) == 1);
  CHECK(check_vectors<std::unordered_map<std::int8_t, std::int64_t>>("HashMap<i8, i64>", true) ==
        1);
  CHECK(check_vectors<std::unordered_set<std::string>>("HashSet<String>", true) == 1);
  CHECK(check_vectors<std::unordered_set<char32_t>>("HashSet<char>", true) == 1);
}

// Law: every key that the crate put into a hash table is found, and no other.
TEST_CASE("keys are found in the tables that the crate made") {
  using Map = std::unordered_map<std::uint32_t, std::uint32_t>;
  for (const Json& each : manifest().json()["cases"]) {
    if (each["type"] != "HashMap<u32, u32>") continue;
    CAPTURE(each["name"].get<std::string>());
    const auto archive = manifest().file(each["file"]);
    const auto view = RkyvFormat().view<Map>(archive);
    std::set<std::uint32_t> keys;
    for (const Json& entry : each["value"]) {
      keys.insert(entry[0].get<std::uint32_t>());
      CHECK(view.find(entry[0].get<std::uint32_t>()) == entry[1].get<std::uint32_t>());
    }
    CHECK(view.size() == keys.size());
    for (std::uint32_t key = 0; key < 1'000; ++key) CHECK(view.contains(key) == keys.contains(key));
    CHECK(std::ranges::distance(view) == static_cast<std::ptrdiff_t>(keys.size()));
  }
}

// Law: a tree of any size is found in order, and each of its keys.
TEST_CASE("trees of every small size are walked and searched") {
  std::map<std::uint32_t, std::string> map;
  for (std::uint32_t size = 0; size < 300; ++size) {
    CAPTURE(size);
    const auto archive = archive_of(map);
    REQUIRE(RkyvFormat().check<decltype(map)>(archive));
    const auto view = RkyvFormat().view<decltype(map)>(archive);
    CHECK(std::ranges::equal(view, map, [](const auto& shown, const auto& entry) {
      return shown.first == entry.first && shown.second == entry.second;
    }));
    for (std::uint32_t key = 0; key < 2 * size + 3; ++key) {
      const auto entry = map.find(key);
      const auto found = view.find(key);
      REQUIRE(found.has_value() == (entry != map.end()));
      if (found) CHECK(*found == entry->second);
    }
    map[2 * size + 1] = "value number " + std::to_string(size);
  }
}

TEST_CASE("what has no archive is refused with the reason") {
  const auto code_of = [](const auto& value) {
    const auto size = RkyvFormat().measure<std::remove_cvref_t<decltype(value)>>(value);
    return size ? std::optional<ErrorCode>() : std::optional(size.error().code());
  };
  CHECK(code_of(std::string("\xFF")) == ErrorCode::invalid_argument);
  CHECK(code_of(std::unique_ptr<int>()) == ErrorCode::invalid_argument);
  CHECK(code_of(std::vector<std::shared_ptr<int>>(1)) == ErrorCode::invalid_argument);
  CHECK(code_of(static_cast<Color>(7)) == ErrorCode::invalid_argument);
  CHECK(code_of(char32_t{0xD800}) == ErrorCode::invalid_argument);
  CHECK(code_of(std::string("fine")) == std::nullopt);
}

using Reply = std::expected<std::uint32_t, std::string>;
using Replies = std::tuple<rkyv::Duration, Reply, Reply>;

// Law: what the crate wrote is read, and written again to the same bytes. The crate's struct goes
// on behind these fields, so only they are compared.
TEST_CASE("durations and results agree with the crate") {
  const std::vector<std::byte> archive = manifest().file("misc.bin");
  const std::byte* const root = archive.data() + (archive.size() - 80);
  rkyv::Loader loader;
  const Replies replies = rkyv::Archive<Replies>::load(root, loader);
  CHECK(replies == Replies({5, 999'999'999}, Reply(1), Reply(std::unexpect, "an error message")));
  const auto [duration, reply, refusal] = rkyv::Archive<Replies>::view(root);
  CHECK(duration == rkyv::Duration{5, 999'999'999});
  CHECK(reply.value() == 1);
  CHECK(refusal.error() == "an error message");
  CHECK(RkyvFormat().descriptor<Replies>() ==
        "rkyv(tuple(duration,result(u32,string),result(u32,string)))");
  const auto again = archive_of(replies);
  REQUIRE(RkyvFormat().check<Replies>(again));
  CHECK(RkyvFormat().load<Replies>(again) == replies);
  // The text lies first in both; the last word leads to it.
  CHECK(equal(Bytes(again).first(16), Bytes(archive).first(16)));
  CHECK(equal(Bytes(again).last(40).first(36), Bytes(root, 36)));
}

TEST_CASE("durations are those of std::chrono where they fit") {
  using rkyv::Duration;
  using std::chrono::nanoseconds;
  CHECK(Duration::of(nanoseconds(1'500'000'000)) == Duration{1, 500'000'000});
  CHECK_FALSE(Duration::of(nanoseconds(-1)));
  for (const nanoseconds span : {nanoseconds(0), nanoseconds(999'999'999), nanoseconds::max()})
    CHECK(Duration::of(span).value().span() == span);
  const Duration longest = Duration::of(nanoseconds::max()).value();
  CHECK_FALSE(Duration{longest.seconds, longest.nanoseconds + 1}.span());
  CHECK_FALSE(Duration{UINT64_MAX, 0}.span());
  CHECK_FALSE(RkyvFormat().measure<Duration>({0, 1'000'000'000}));
}

enum class Wide : std::uint16_t { low = 0, high = 255 };
QUIRE_DESCRIBE_ENUM(Wide, low, high)
enum class TooWide : std::uint16_t { low = 0, high = 256 };
QUIRE_DESCRIBE_ENUM(TooWide, low, high)
enum class Negative : std::int8_t { low = -1, high = 1 };
QUIRE_DESCRIBE_ENUM(Negative, low, high)

// Law: an enum whose values one byte cannot tell apart, or Rust would number otherwise, has no
// archive.
static_assert(rkyv::detail::fits_in_tag<Wide>() && !rkyv::detail::fits_in_tag<TooWide>() &&
              !rkyv::detail::fits_in_tag<Negative>());

TEST_CASE("what several point to is written once") {
  const auto text = std::make_shared<std::string>("a text that is shared");
  using Pointers = std::tuple<std::shared_ptr<std::string>, std::shared_ptr<std::string>,
                              std::weak_ptr<std::string>, std::weak_ptr<std::string>>;
  const Pointers pointers(text, text, text, {});
  const auto archive = archive_of(pointers);
  REQUIRE(RkyvFormat().check<Pointers>(archive));
  const auto [first, second, weak, none] = RkyvFormat().view<Pointers>(archive);
  CHECK(first == *text);
  CHECK(second.data() == first.data());
  CHECK(weak == first);
  CHECK_FALSE(none.has_value());
}

// Law: what is shared is shared again. Of this, a copy for each way to it would never end.
TEST_CASE("what several point to is loaded once") {
  auto node = std::make_shared<Node>();
  for (int height = 0; height < 200; ++height)
    node = std::make_shared<Node>(Node{.left = node, .right = node});
  const auto archive = archive_of(*node);
  REQUIRE(RkyvFormat().check<Node>(archive));
  const Node loaded = RkyvFormat().view<Node>(archive).to_owned();
  int height = 0;
  for (const Node* at = &loaded; at->left; at = at->left->get(), ++height)
    REQUIRE(at->left->get() == at->right->get());
  CHECK(height == 200);
  CHECK(archive_of(loaded) == archive);
}

/// Reads everything of a valid archive.
template <class V>
void read_all(const std::vector<std::byte>& archive) try {
  const V value = RkyvFormat().load<V>(archive);
  static_cast<void>(RkyvFormat().measure<V>(value));
} catch (const std::bad_alloc&) {
  return;  // billions of things without a size
}

/// How many mutants of a vector are valid.
template <class V>
std::uint64_t try_mutants(const std::string& name, std::uint64_t count, Mutator& mutator) {
  const auto& cases = manifest().json()["cases"];
  const Json& base = *std::find_if(cases.begin(), cases.end(),
                                   [&](const Json& each) { return each["name"] == name; });
  const auto original = manifest().file(base["file"]);
  const auto schema = manifest().schema(base["type"]);
  std::uint64_t valid = 0;
  for (std::uint64_t number = 0; number < count; ++number) {
    const auto mutant = mutator.mutant_of(original, original);
    const bool is_valid = RkyvFormat().check<V>(mutant).has_value();
    REQUIRE(is_valid == rkyv::check(*schema, mutant).has_value());
    if (!is_valid) continue;
    ++valid;
    read_all<V>(mutant);
    static_cast<void>(kvtool::read_archive(*schema, mutant));
  }
  CHECK(valid > 0);
  CHECK(valid < count);
  return valid;
}

// Law: whatever bytes there are, they are refused, or read within themselves.
TEST_CASE("changed archives are refused or read") {
  Mutator mutator(1);
  const std::uint64_t count = scaled(20'000);
  std::uint64_t valid = try_mutants<CikData>("cik_apple", count, mutator);
  valid += try_mutants<Drawing>("drawing", count, mutator);
  valid += try_mutants<Options>("options", count, mutator);
  valid += try_mutants<Vecs>("vecs", count, mutator);
  valid += try_mutants<BMaps>("bmaps", count, mutator);
  valid += try_mutants<HMaps>("hmaps", count, mutator);
  valid += try_mutants<TreeNode>("tree", count, mutator);
  valid +=
      try_mutants<std::unordered_map<std::uint32_t, std::uint32_t>>("hmap_u32_20", count, mutator);
  std::printf("total: %llu changed archives, %llu read\n",
              static_cast<unsigned long long>(8 * count), static_cast<unsigned long long>(valid));
}

}  // namespace
}  // namespace quire::test
