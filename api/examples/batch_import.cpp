// Many entries at once: a CSV file, read line by line, becomes a table in one commit.
//
//   batch_import [CSV]    without a file it makes one
// It says:
//   200000 lines, 200000 samples
#include <quire/quire.hpp>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <ranges>
#include <sstream>
#include <string>
#include <utility>

/// A number and a temperature. What has a key and a value can be loaded.
struct Line {
  std::uint64_t key = 0;
  double value = 0;

  friend std::istream& operator>>(std::istream& file, Line& line) {
    std::string text;
    if (!std::getline(file, text)) return file;  // the end
    std::istringstream fields(text);
    char comma = 0;
    fields >> line.key >> comma >> line.value;
    if (!fields) file.setstate(std::ios::badbit);
    return file;
  }
};

namespace {

void write_sample_file(const std::string& path) {
  std::ofstream file(path);
  for (int row = 0; row < 200'000; ++row)
    file << row * 7919LL % 200'000 << ',' << 20 + 0.25 * (row % 40) << '\n';
}

}  // namespace

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
int main(int argument_count, char** arguments) {
  const std::string path = argument_count > 1 ? arguments[1] : "samples.csv";
  if (argument_count == 1) write_sample_file(path);
  auto storage = quire::StorageBuilder("samples.quire").build().value();
  auto samples = storage.new_table<std::uint64_t, double>("samples").build().value();

  std::ifstream file(path);
  const auto tell = [](const quire::Progress& so_far) { std::cerr << so_far.total << " lines\r"; };
  auto txn = storage.begin_write().value();
  const auto count =
      txn.table(samples).bulk_load(std::views::istream<Line>(file), {.progress = tell}).value();
  if (count == 0 || file.bad()) {  // what was loaded goes with the transaction
    std::cerr << path << ": no sample in line " << count + 1 << '\n';
    return 1;
  }
  std::move(txn).commit().value();
  std::cout << count << " lines, " << samples.size().value() << " samples\n";
}
// NOLINTEND(bugprone-exception-escape)
