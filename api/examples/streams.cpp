// Reading a table in order: ranges, prefixes, views over them, and many keys at once.
//
// It says:
//   a week in Bern: 21 mm
//   days in Basel: 365, in B...: 1095
//   the last day: Chur
//   Chur, day 365: 4 mm
//   Chur, day 364: 0 mm
//   wet days: 4 11 18
//   asked for: there not there
#include <quire/quire.hpp>

#include <cstdint>
#include <iostream>
#include <ranges>
#include <string>
#include <tuple>
#include <vector>

using Day = std::tuple<std::string, std::uint32_t>;  // a place, and a day of the year

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
int main() {
  auto storage = quire::StorageBuilder("streams.quire").build().value();
  auto rain = storage.new_table<Day, double>("rain").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(rain);
  for (const std::string place : {"Basel", "Bern", "Biel", "Chur"})
    for (std::uint32_t day = 1; day <= 365; ++day)
      editor.put({place, day}, static_cast<double>(day * place.size() % 7)).value();
  std::move(txn).commit().value();

  double sum = 0;  // a part of the order: the first week of one place
  for (const auto& [day, millimetres] : rain.range({"Bern", 1}, {"Bern", 8})) sum += *millimetres;
  std::cout << "a week in Bern: " << sum << " mm\n";

  std::cout << "days in Basel: " << rain.prefix("Basel").count().value()
            << ", in B...: " << rain.prefix(quire::starts_with("B")).count().value() << '\n';
  std::cout << "the last day: " << std::get<0>(rain.last().value().value().key) << '\n';
  for (const auto& [day, millimetres] : rain.prefix("Chur").reversed() | std::views::take(2))
    std::cout << "Chur, day " << std::get<1>(day) << ": " << *millimetres << " mm\n";

  const auto wettest = rain.with_stream([](auto stream) {  // a pipeline as one expression
    return std::move(stream) |
           std::views::filter([](const auto& each) { return *each.value == 6; }) |
           std::views::transform([](const auto& each) { return std::get<1>(each.key); }) |
           std::views::take(3) | quire::to<std::vector>();
  });
  std::cout << "wet days:";
  for (const std::uint32_t day : wettest) std::cout << ' ' << day;

  const std::vector<Day> asked{{"Biel", 2}, {"Bonn", 2}, {"Chur", 3}};
  std::cout << "\nasked for:";
  for (const auto& found : rain.get_many(asked).value()) std::cout << (found ? " there" : " not");
  std::cout << '\n';
}
// NOLINTEND(bugprone-exception-escape)
