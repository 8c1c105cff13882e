// Structs as archives that Rust reads, too: described in a line, read in place.
//
//   archives              makes archives.quire in the working directory, or opens it
//   kvtool scan archives.quire     shows the records without this program
//
// It says:
//   1: The Histories, by Robin Waterfield; Oxford 1998; Penguin 2003
//   2: Elements; Green Lion 2002
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <quire/formats/rkyv.hpp>
#include <quire/quire.hpp>

namespace library {

struct Edition {
  std::string publisher;
  std::uint16_t year = 0;
};
QUIRE_DESCRIBE(Edition, publisher, year)

struct Book {
  std::string title;
  std::vector<Edition> editions;
  std::optional<std::string> translator;
};
QUIRE_DESCRIBE(Book, title, editions, translator)

}  // namespace library

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
int main() {
  auto storage = quire::StorageBuilder("archives.quire").build().value();
  auto books = storage.new_table<std::uint64_t, library::Book>("books")
                   .with_value_format(quire::RkyvFormat{})
                   .build()
                   .value();
  books
      .put(1, {.title = "The Histories",
               .editions = {{"Oxford", 1998}, {"Penguin", 2003}},
               .translator = "Robin Waterfield"})
      .value();
  books.put(2, {.title = "Elements", .editions = {{"Green Lion", 2002}}, .translator = {}}).value();

  for (const auto& [number, book] : books.range()) {
    std::cout << number << ": " << book->title();
    if (const auto translator = book->translator()) std::cout << ", by " << *translator;
    for (const auto edition : book->editions())
      std::cout << "; " << edition.publisher() << ' ' << edition.year();
    std::cout << '\n';
  }
}
// NOLINTEND(bugprone-exception-escape)
