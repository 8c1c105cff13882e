// Savepoints: what comes after one can be taken back, and nothing else with it.
#include <doctest/doctest.h>

#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

TEST_CASE("a savepoint is gone back to") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  put(txn, table, "a", "1");
  const Savepoint savepoint = txn.savepoint().value();
  put(txn, table, "a", "2");
  put(txn, table, "b", "3");
  txn.rollback_to(savepoint).value();
  CHECK(get(txn, table, "a") == "1");
  commit(txn);
  CHECK(content(store.snapshot(), table) == Content{{"a", "1"}});
  require_sound(store.database());
}

}  // namespace
}  // namespace quire
