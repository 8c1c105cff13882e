// Many small commits that each wait for the disk: a redo log makes them one short write each, in a
// file that one process has.
//
// It says:
//   1000 commits are on the disk, and no page was written for them
//   what a power cut would leave now has 1000 readings, the last of 21.5 degrees
#include <quire/quire.hpp>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>

namespace {

quire::Storage open(const std::string& path) {
  return quire::StorageBuilder(path).with_redo_log().build().value();
}

quire::Table<std::uint64_t, double> readings_of(const quire::Storage& storage) {
  return storage.new_table<std::uint64_t, double>("readings").build().value();
}

std::uint64_t pages_written(const quire::Storage& storage) {
  return storage.statistics().value().pages_written;
}

}  // namespace

int main() {  // NOLINT(bugprone-exception-escape): value() ends the program and says why
  const quire::Storage storage = open("readings.quire");
  auto readings = readings_of(storage);
  const std::uint64_t before = pages_written(storage);
  for (std::uint64_t second = 0; second < 1000; ++second)
    readings.put(second, 21.5).value();  // is on the disk when it returns
  if (pages_written(storage) == before)
    std::cout << readings.size().value() << " commits are on the disk, and no page was written "
              << "for them\n";

  // The file as it is. Who opens it does again what the log says.
  std::filesystem::copy_file("readings.quire", "left.quire");
  const auto left = readings_of(open("left.quire"));
  std::cout << "what a power cut would leave now has " << left.size().value()
            << " readings, the last of " << *left.last().value().value().value << " degrees\n";
}
