// The first example: the text at the head of quire.hpp as a program.
//
// It says:
//   134591
//   Basel 47.56
#include <quire/quire.hpp>

#include <cstdint>
#include <iostream>
#include <string>

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
struct City {
  double latitude, longitude;
  std::uint32_t people;
  std::uint32_t country;
};

int main() {
  auto storage = quire::StorageBuilder("cities.quire").build().value();
  auto cities = storage.new_table<std::string, City>("cities").build().value();

  auto txn = storage.begin_write().value();  // many edits, one commit
  txn.table(cities).put("Bern", {46.95, 7.45, 134'591, 41}).value();
  txn.table(cities).put("Basel", {47.56, 7.59, 173'863, 41}).value();
  std::move(txn).commit().value();  // it is on disk

  if (auto bern = cities.get("Bern").value()) std::cout << (*bern)->people << '\n';
  for (const auto& [name, city] : cities.prefix("Ba")) {  // read in place, in order
    std::cout << name << ' ' << city->latitude << '\n';
  }
}
// NOLINTEND(bugprone-exception-escape)
