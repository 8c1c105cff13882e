// Tables whose values are archives: written, read in place, and refused to other types.
#include <doctest/doctest.h>

#include <bit>
#include <string>

#include "archives/types.hpp"
#include "quire/quire.hpp"

namespace other {

struct Filing {
  std::string form;
  std::string accession;
  std::uint32_t size_bytes = 0;
  bool accepted = false;
};
QUIRE_DESCRIBE(Filing, form, accession, size_bytes, accepted)

namespace swapped {
struct Filing {
  std::string accession;
  std::string form;
  std::uint32_t size_bytes = 0;
  bool accepted = false;
};
QUIRE_DESCRIBE(Filing, accession, form, size_bytes, accepted)
}  // namespace swapped

namespace retyped {
struct Filing {
  std::string form;
  std::string accession;
  std::uint64_t size_bytes = 0;
  bool accepted = false;
};
QUIRE_DESCRIBE(Filing, form, accession, size_bytes, accepted)
}  // namespace retyped

}  // namespace other

namespace quire::test {
namespace {

Storage storage_in_memory() {
  return StorageBuilder("archives").with_backend(backend::memory).build().value();
}

template <class V>
auto table_of(Storage& storage) {
  return storage.new_table<std::uint64_t, V>("table").with_value_format(RkyvFormat{}).build();
}

CikData company(std::uint64_t number, std::size_t filings) {
  CikData data;
  data.cik = number;
  data.name = "Company number " + std::to_string(number);
  data.fy_end = {9, 30};
  for (std::size_t index = 0; index < filings; ++index)
    data.filings.push_back({"10-K", "accession " + std::to_string(index), 7, true});
  data.tags["sector"] = "a sector with a long name";
  return data;
}

void check_shown(const rkyv::RecordView<CikData>& shown, std::uint64_t number,
                 std::size_t filings) {
  CHECK(shown.cik() == number);
  CHECK(shown.name() == "Company number " + std::to_string(number));
  CHECK(shown.fy_end() == std::pair<std::uint8_t, std::uint8_t>(9, 30));
  CHECK(shown.tags().find("sector") == "a sector with a long name");
  REQUIRE(shown.filings().size() == filings);
  for (std::size_t index = 0; index < filings; ++index)
    CHECK(shown.filings()[index].accession() == "accession " + std::to_string(index));
}

/// Where the archive of a CikData begins.
std::uintptr_t address_of(const rkyv::RecordView<CikData>& shown) {
  return std::bit_cast<std::uintptr_t>(shown.field_at<0>());
}

// Law: whatever way a value takes, it is read in place, as aligned as its format needs.
TEST_CASE("archives of every size are read in place and aligned") {
  Storage storage = storage_in_memory();
  auto table = table_of<CikData>(storage).value();
  constexpr std::uint64_t count = 400;
  for (std::uint64_t number = 0; number < count; ++number)
    table.put(number, company(number, number % 40)).value();
  for (std::uint64_t number = 0; number < count; number += 3) CHECK(table.erase(number).value());
  for (std::uint64_t number = 0; number < count; ++number) {
    CAPTURE(number);
    const auto found = table.get(number).value();
    REQUIRE(found.has_value() == (number % 3 != 0));
    if (!found) continue;
    check_shown(**found, number, number % 40);
    CHECK(address_of(**found) % 8 == 0);
  }
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  editor.put(1, company(1, 3)).value();
  const auto in_transaction = editor.get(1).value();
  check_shown(**in_transaction, 1, 3);
}

TEST_CASE("a value without an archive is refused, and changes nothing") {
  Storage storage = storage_in_memory();
  auto table = table_of<CikData>(storage).value();
  table.put(1, company(1, 1)).value();
  CikData bad = company(1, 1);
  bad.name = "\xC0\x80";
  const Status stored = table.put(1, bad);
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code() == ErrorCode::invalid_argument);
  CHECK(stored.error().detail() == "a text is not UTF-8");
  check_shown(**table.get(1).value(), 1, 1);
}

TEST_CASE("a struct may change its namespace, but not its fields") {
  Storage storage = storage_in_memory();
  table_of<Filing>(storage).value().put(1, {"10-K", "accession", 7, true}).value();
  CHECK((*table_of<other::Filing>(storage).value().get(1).value())->form() == "10-K");
  const auto refused = [&](const auto& table) {
    REQUIRE_FALSE(table);
    CHECK(table.error().code() == ErrorCode::type_mismatch);
    const std::string detail(table.error().detail());
    return detail.substr(detail.find("first difference"));
  };
  CHECK(refused(table_of<other::swapped::Filing>(storage)) ==
        "first difference: value, stored form:string, asked accession:string");
  CHECK(refused(table_of<other::retyped::Filing>(storage)) ==
        "first difference: value, stored size_bytes:u32, asked size_bytes:u64");
  CHECK(refused(table_of<TreeNode>(storage)) ==
        "first difference: value, stored Filing, asked TreeNode");
}

}  // namespace
}  // namespace quire::test
