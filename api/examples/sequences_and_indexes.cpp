// Ids from a sequence, and a second way to find entries: an index that is kept with its table.
//
// It says:
//   by Euclid: 2, from 1 on: 1 3
//   pairs: 3
//   a block from 4, last 1003
#include <quire/quire.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <utility>

using Id = std::uint64_t;
using Books = quire::Table<Id, std::string>;          // id to author
using ByAuthor = quire::MultiTable<std::string, Id>;  // author to ids

namespace {

/// A table and its index change in one transaction, so they always agree.
Id add(quire::Storage& storage, const quire::Sequence& ids, const Books& books,
       const ByAuthor& by_author, const std::string& author) {
  auto txn = storage.begin_write().value();
  const Id id = ids.next(txn).value();  // goes back when this is abandoned
  txn.table(books).put(id, author).value();
  txn.table(by_author.table()).put({author, id}, {}).value();
  std::move(txn).commit().value();
  return id;
}

}  // namespace

int main() {  // NOLINT(bugprone-exception-escape): value() ends the program and says why
  auto storage = quire::StorageBuilder("books.quire").build().value();
  auto books = storage.new_table<Id, std::string>("books").build().value();
  auto by_author = storage.new_multi_table<std::string, Id>("books by author").value();
  const auto ids = storage.sequence("books").value();

  const Id first = add(storage, ids, books, by_author, "Euclid");
  add(storage, ids, books, by_author, "Herodotus");
  add(storage, ids, books, by_author, "Euclid");

  std::cout << "by Euclid: " << by_author.count("Euclid").value() << ", from " << first << " on:";
  for (const Id id : by_author.values("Euclid")) std::cout << ' ' << id;
  std::cout << "\npairs: " << by_author.size().value() << '\n';

  const auto block = ids.take(1000).value();  // a thousand ids at once, for a loader of one's own
  std::cout << "a block from " << block << ", last " << ids.last().value() << '\n';
}
