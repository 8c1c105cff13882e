#include "quire/engine/base/error.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <set>
#include <string>
#include <vector>

namespace quire {
namespace {

/// Every code that has a name of its own: the enumeration starts at 0 and has no gaps.
std::vector<ErrorCode> all_codes() {
  std::vector<ErrorCode> codes;
  for (unsigned number = 0; number < 256; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    if (name(code) == "unknown") break;
    codes.push_back(code);
  }
  return codes;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Law: each code has a name and words of its own, so that no two can be taken for each other.
TEST_CASE("every error code has words of its own") {
  const std::vector<ErrorCode> codes = all_codes();
  REQUIRE(codes.back() == ErrorCode::timed_out);
  std::set<std::string> names;
  std::set<std::string> messages;
  for (const ErrorCode code : codes) {
    names.emplace(name(code));
    messages.insert(Error(code).message());
  }
  CHECK(names.size() == codes.size());
  CHECK(messages.size() == codes.size());
}

TEST_CASE("an unknown code is called so") {
  const auto code = static_cast<ErrorCode>(255);
  CHECK(name(code) == "unknown");
  CHECK(contains(Error(code).message(), "unknown"));
}

TEST_CASE("a message says what happened, to what, and what to do") {
  const Error error = Error(ErrorCode::corrupt)
                          .with_page(PageNo{17})
                          .with_table(TableId{3})
                          .with_txn(TxnId{99})
                          .with_detail("its checksum does not hold");
  CHECK(error.message() ==
        "the file is damaged: its checksum does not hold (page 17) (table 3) (transaction 99); "
        "run `kvtool check` on it and restore a backup");
}

TEST_CASE("a message ends with the system's own words") {
  const std::string message = Error(ErrorCode::io_failed).with_system(EIO).message();
  CHECK(message == "the system failed to read or write: Input/output error");
}

TEST_CASE("facts that are not known are not mentioned") {
  const std::string message = Error(ErrorCode::busy).message();
  for (const char* word : {"page", "table", "transaction"}) CHECK_FALSE(contains(message, word));
}

TEST_CASE("an error gives its facts back") {
  const Error error = Error(ErrorCode::no_space)
                          .with_system(ENOSPC)
                          .with_page(PageNo{1})
                          .with_table(TableId{2})
                          .with_txn(TxnId{3})
                          .with_detail("growing");
  CHECK(error.code() == ErrorCode::no_space);
  CHECK(error.system() == ENOSPC);
  CHECK((error.page() == PageNo{1}));
  CHECK((error.table() == TableId{2}));
  CHECK((error.txn() == TxnId{3}));
  CHECK(error.detail() == "growing");
  CHECK(Error(ErrorCode::no_space).detail().empty());
}

TEST_CASE("errors are small and cheap to copy") {
  static_assert(sizeof(Error) <= 48);
  const Error original = Error(ErrorCode::type_mismatch).with_detail("u64 -> text");
  const Error& copied = Error(original);
  CHECK(copied.detail().data() == original.detail().data());
}

}  // namespace
}  // namespace quire
