// A copy of a storage that is in use, and whether the copy can be trusted.
//
// It says:
//   an argument makes no sense: there is a database with tables at copy.quire: name a path where
//     there is none
//   sound, entries 10000
//   the copy has: note 1
//   the storage has it: false
#include <quire/quire.hpp>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
int main() {
  auto storage = quire::StorageBuilder("notes.quire").build().value();
  auto notes = storage.new_table<std::uint64_t, std::string>("notes").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(notes);
  for (std::uint64_t id = 1; id <= 10'000; ++id)
    editor.put(id, "note " + std::to_string(id)).value();
  std::move(txn).commit().value();

  // Others may read and write meanwhile; the copy is of the state at the beginning.
  const auto tell = [](const quire::Progress& so_far) {
    std::cerr << so_far.done << " of " << so_far.total << '\r';
  };
  std::filesystem::remove("copy.quire");  // a backup is never made over a database with tables
  storage.backup("copy.quire", tell).value();
  if (const auto again = storage.backup("copy.quire"); !again)
    std::cout << again.error().message() << '\n';
  notes.erase(1).value();

  auto copy =
      quire::StorageBuilder("copy.quire").with_access(quire::Access::read_only).build().value();
  const auto report = copy.check().value();  // reads all of it, page by page
  std::cout << (report.is_clean() ? "sound" : "damaged") << ", entries " << report.entries << '\n';
  auto old_notes = copy.open_table<std::uint64_t, std::string>("notes").build().value();
  std::cout << "the copy has: " << **old_notes.get(1).value() << '\n';
  std::cout << std::boolalpha << "the storage has it: " << notes.contains(1).value() << '\n';
}
// NOLINTEND(bugprone-exception-escape)
