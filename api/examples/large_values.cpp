// Large values: a file goes into a table and out of it in pieces, without memory for all of it; a
// struct is filled in where it is stored.
//
// It says:
//   stored 30000000 bytes
//   29 pieces, and the same sum
//   given up: not there
//   'a' comes 1153847 times
#include <quire/quire.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <numeric>
#include <string>
#include <string_view>

/// How often each letter comes.
struct Counts {
  std::array<std::uint64_t, 26> letters;
};

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
int main() {
  constexpr std::uint64_t size = 30'000'000;
  const auto sum_of = [](std::string_view text) {
    return std::accumulate(text.begin(), text.end(), std::uint64_t{0});
  };
  std::ofstream sample("letters.txt", std::ios::binary);
  for (std::uint64_t at = 0; at < size; ++at) sample.put(static_cast<char>('a' + at % 26));
  sample.close();

  auto storage = quire::StorageBuilder("files.quire").build().value();
  auto files = storage.new_table<std::string, std::string>("files").build().value();
  auto counts = storage.new_table<std::string, Counts>("counts").build().value();
  auto txn = storage.begin_write().value();

  auto writer = txn.table(files).put_in_pieces("letters.txt", size).value();  // takes its pages
  std::ifstream file("letters.txt", std::ios::binary);
  std::uint64_t sum = 0;
  for (std::string piece(64 << 10, '\0'); writer.missing() > 0;) {
    piece.resize(std::min<std::uint64_t>(piece.size(), writer.missing()));
    if (!file.read(piece.data(), static_cast<std::streamsize>(piece.size()))) return 1;
    sum += sum_of(piece);
    writer.write(piece).value();
  }
  writer.finish().value();  // from now on the entry is there
  static_cast<void>(txn.table(files).put_in_pieces("given up", size).value());

  const auto room = txn.table(counts).reserve("letters.txt").value();  // zeros, in the page
  for (std::uint64_t at = 0; at < size; ++at) ++room->letters[at % 26];
  std::move(txn).commit().value();

  const auto stored = files.get("letters.txt").value().value();
  std::cout << "stored " << stored->size() << " bytes\n";
  const auto pieces = quire::pieces(*stored);  // of a MiB, each asked for before it is read
  for (const std::string_view piece : pieces) sum -= sum_of(piece);
  std::cout << pieces.size() << " pieces, and " << (sum == 0 ? "the same" : "another") << " sum\n";
  std::cout << "given up: " << (files.contains("given up").value() ? "there" : "not there") << '\n';
  std::cout << "'a' comes " << (*counts.get("letters.txt").value())->letters[0] << " times\n";
}
// NOLINTEND(bugprone-exception-escape)
