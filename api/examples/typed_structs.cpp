// Structs as keys and values: plain ones as they lie in memory, others as archives, both described
// in a line, so that the file knows their fields and refuses others.
//
// It says:
//   km 3: 5 lamps
//   km 12: 3 lamps
//   Olten, platform 2A
//   2 platforms
#include <quire/formats/rkyv.hpp>
#include <quire/quire.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

namespace railway {

struct Position {
  std::uint16_t line = 0, kilometre = 0;
};
QUIRE_DESCRIBE(Position, line, kilometre)  // a key: in order of its fields

struct Signal {
  double height = 0;
  std::uint32_t lamps = 0, year = 0;
};
QUIRE_DESCRIBE(Signal, height, lamps, year)  // trivially copyable: stored as it is

struct Station {
  std::string name;
  std::vector<std::string> platforms;
};
QUIRE_DESCRIBE(Station, name, platforms)  // with strings: an archive

}  // namespace railway

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
int main() {
  using railway::Position;
  auto storage = quire::StorageBuilder("railway.quire").build().value();
  auto signals = storage.new_table<Position, railway::Signal>("signals").build().value();
  auto stations = storage.new_table<Position, railway::Station>("stations")
                      .with_value_format(quire::RkyvFormat{})
                      .build()
                      .value();
  signals.put({.line = 7, .kilometre = 12}, {.height = 4.5, .lamps = 3, .year = 1998}).value();
  signals.put({.line = 7, .kilometre = 3}, {.height = 6, .lamps = 5, .year = 2011}).value();
  stations.put({.line = 7, .kilometre = 3}, {.name = "Olten", .platforms = {"1", "2A"}}).value();

  for (const auto& [position, signal] : signals.prefix(std::uint16_t{7}))
    std::cout << "km " << position.kilometre << ": " << signal->lamps << " lamps\n";
  const auto olten = stations.get({.line = 7, .kilometre = 3}).value().value();
  std::cout << olten->name() << ", platform " << olten->platforms()[1] << '\n';  // read in place
  const railway::Station mine = olten->to_owned();  // a copy of its own
  std::cout << mine.platforms.size() << " platforms\n";
}
// NOLINTEND(bugprone-exception-escape)
