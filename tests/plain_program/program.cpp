// A program of somebody who has switched off exceptions, or RTTI, or both: it is built each way.
//
//   program work FOLDER      uses a storage, asks of each failure first, and says `worked`
//   program value FOLDER     takes the value of a failed result
//   program step FOLDER      steps a range that cannot be read on
//   program catch FOLDER     the first again, caught: says what it caught. Not without exceptions.
#include <quire/formats/rkyv.hpp>
#include <quire/quire.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct Note {
  std::string text;
  std::vector<std::uint32_t> pages;
};
QUIRE_DESCRIBE(Note, text, pages)

using Numbers = quire::Table<std::uint64_t, double>;

quire::Result<double> sum_of(const Numbers& numbers) {
  double sum = 0;
  auto range = numbers.range();
  for (;;) {
    auto entry = range.next();
    if (!entry) return fail(entry);
    if (*entry == nullptr) return sum;
    sum += *(*entry)->value;
  }
}

quire::Status fill(quire::Storage& storage, const Numbers& numbers) {
  auto txn = storage.begin_write();
  if (!txn) return fail(txn);
  for (std::uint64_t key = 0; key < 100; ++key)
    if (auto stored = txn->table(numbers).put(key, 0.5); !stored) return stored;
  {
    const auto undone = txn->nested();
    if (!undone) return fail(undone);
    if (auto cleared = txn->table(numbers).clear(); !cleared) return fail(cleared);
  }
  const auto committed = std::move(*txn).commit();
  return committed ? quire::Status() : fail(committed);
}

quire::Status keep_note(const quire::Storage& storage) {
  const auto builder = storage.new_table<int, Note>("notes");
  auto notes = builder.with_value_format(quire::RkyvFormat{}).build();
  if (!notes) return fail(notes);
  if (auto stored = notes->put(1, {"a note", {7, 8}}); !stored) return stored;
  const auto note = notes->get(1);
  if (!note) return fail(note);
  return *note && (**note)->pages()[1] == 8 ? quire::Status()
                                            : quire::fail(quire::ErrorCode::closed);
}

/// Whether the two failures are told as they should be.
bool are_told(const quire::Storage& storage) {
  const auto missing = storage.open_table<int, double>("nowhere").build();
  const auto others = storage.open_table<std::uint64_t, std::string>("numbers").build();
  return !missing && missing.error().code() == quire::ErrorCode::table_missing && !others &&
         others.error().code() == quire::ErrorCode::type_mismatch;
}

int work(const std::string& folder) {
  auto storage = quire::StorageBuilder(folder + "/storage").build();
  if (!storage) return 1;
  auto numbers = storage->new_table<std::uint64_t, double>("numbers").build();
  if (!numbers || !fill(*storage, *numbers)) return 2;
  const auto sum = sum_of(*numbers);
  if (!sum || *sum != 50) return 3;
  double again = 0;
  for (const auto& [key, value] : numbers->range(10, 20)) again += *value;
  if (again != 5 || !keep_note(*storage) || !are_told(*storage)) return 4;
  return storage->close() && std::puts("worked") >= 0 ? 0 : 5;
}

void take_value(const std::string& folder) {
  static_cast<void>(
      quire::StorageBuilder(folder + "/nowhere").with_create(quire::Create::never).build().value());
}

void step_on(const std::string& folder) {
  auto storage = quire::StorageBuilder(folder + "/storage").build().value();
  auto numbers = storage.new_table<std::uint64_t, double>("numbers").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(numbers);
  for (std::uint64_t key = 0; key < 3; ++key) editor.put(key, 0.5).value();
  for (const auto& entry : editor.range()) editor.put(entry.key + 10, 1).value();
}

int catch_value(const std::string& folder) {
#if defined(__cpp_exceptions)
  try {
    take_value(folder);
  } catch (const std::exception& failure) {
    return std::puts(failure.what()) >= 0 ? 0 : 1;
  }
#endif
  static_cast<void>(folder);
  return 1;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 3) return 64;
  const std::string_view task = arguments[1];
  const std::string folder = arguments[2];
  if (task == "work") return work(folder);
  if (task == "catch") return catch_value(folder);
  if (task == "value") take_value(folder);
  if (task == "step") step_on(folder);
  return 65;  // those two do not come back
}
