#include "quire/formats/descending.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

TEST_CASE("ordered codes turn the order of descending keys round") {
  check_laws_of_each<Descending<std::uint32_t>, Descending<double>, Descending<std::string>,
                     Descending<std::optional<std::string>>, Descending<std::vector<std::string>>,
                     Descending<Descending<std::string>>>();
}

// Law: fields that follow a descending one keep their order.
TEST_CASE("ordered codes keep the order within tuples that descend in part") {
  check_laws_of_each<std::tuple<std::string, Descending<std::string>, std::string>,
                     Descending<std::tuple<std::string, Descending<std::uint8_t>>>,
                     std::vector<Descending<std::string>>>();
}

// Law: values of any size come back, however much of the key is looked at in one go.
TEST_CASE("long descending values, and many of them") {
  const OrderedFormat format;
  for (std::size_t size = 0; size < 300; ++size) {
    CAPTURE(size);
    using Key = std::vector<Descending<std::string>>;
    const Key key{Descending(std::string(size, 'a')), Descending(std::string(300 - size, '\0'))};
    const auto stored = encoded<Key>(key);
    CHECK(format.decode<Key>(stored).value() == key);
    CHECK(!format.decode<Key>(Bytes(stored).first(stored.size() - 2)));
  }
}

TEST_CASE("descending values compare the other way round") {
  CHECK(Descending(2) < Descending(1));
  CHECK(Descending(1) == Descending(1));
  CHECK(std::tuple("a", Descending(7)) < std::tuple("a", Descending(6)));
}

TEST_CASE("a prefix may give the beginning of a descending field") {
  using Key = std::pair<Descending<std::string>, bool>;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Key key = sample<Key>(random);
    const auto given = sample<std::string>(random);
    const auto prefix = OrderedFormat{}.encode_prefix<Key>(starts_with(given));
    CHECK(begins_with(encoded<Key>(key), prefix.bytes()) == key.first.value.starts_with(given));
  }
}

TEST_CASE("descriptors of descending keys") {
  CHECK(OrderedFormat{}.descriptor<Descending<std::string>>() == "desc(string)");
  CHECK(OrderedFormat{}.descriptor<std::pair<bool, Descending<std::int64_t>>>() ==
        "tuple(bool,desc(i64))");
}

static_assert(OrderedKeyFormat<OrderedFormat, Descending<std::string>> &&
              !OrderedKey<Descending<char>>);

}  // namespace
}  // namespace quire::test
