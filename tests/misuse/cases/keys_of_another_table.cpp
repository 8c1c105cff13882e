// get_many takes keys of the table's type.
// must say: KeysFor
#include <quire/quire.hpp>

#include <string>
#include <vector>

void look_up(const quire::Table<std::string, double>& table) {
#ifdef QUIRE_FIXED
  const std::vector<std::string> keys{"Bern", "Basel"};
#else
  const std::vector<int> keys{1, 2};
#endif
  static_cast<void>(table.get_many(keys).value());
}
