// Edits that belong together: one commit over several tables, or nothing of it.
//
// It says:
//   paid 70: true
//   paid 70 again: false
//   Ada 30
//   Grace 70
//   log: Ada pays 70, entries 1
//   Ada before: 100
#include <quire/quire.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <utility>

using Accounts = quire::Table<std::string, std::int64_t>;
using Log = quire::Table<std::uint64_t, std::string>;

namespace {

/// False, and nothing has happened, when the payer has not so much.
bool pay(quire::Storage& storage, const Accounts& accounts, const Log& log, std::int64_t sum) {
  auto txn = storage.begin_write().value();
  auto balances = txn.table(accounts);
  balances.update("Ada", [&](const auto& old) { return (old ? **old : 0) - sum; }).value();
  balances.update("Grace", [&](const auto& old) { return (old ? **old : 0) + sum; }).value();
  txn.table(log).put(log.size().value() + 1, "Ada pays " + std::to_string(sum)).value();
  if (**balances.get("Ada").value() < 0) {
    std::move(txn).abandon();  // so would a return, or an exception
    return false;
  }
  std::move(txn).commit().value();  // all of it is on disk
  return true;
}

}  // namespace

int main() {  // NOLINT(bugprone-exception-escape): value() ends the program and says why
  auto storage = quire::StorageBuilder("accounts.quire").build().value();
  auto accounts = storage.new_table<std::string, std::int64_t>("accounts").build().value();
  auto log = storage.new_table<std::uint64_t, std::string>("log").build().value();
  auto batch = storage.batch();  // gathered beforehand, keeps no other writer waiting
  batch.put(accounts, "Ada", 100).value();
  batch.put(accounts, "Grace", 0).value();
  batch.commit().value();

  const auto before = storage.snapshot().value();  // one state of all tables, for as long as it is
  std::cout << std::boolalpha << "paid 70: " << pay(storage, accounts, log, 70) << '\n';
  std::cout << "paid 70 again: " << pay(storage, accounts, log, 70) << '\n';
  for (const auto& [name, balance] : accounts.range()) std::cout << name << ' ' << *balance << '\n';
  std::cout << "log: " << **log.get(1).value() << ", entries " << log.size().value() << '\n';
  std::cout << "Ada before: " << **before.table(accounts).get("Ada").value() << '\n';
}
