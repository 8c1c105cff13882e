// Opening a storage: what may be chosen, and how errors are shown to whoever can mend them.
//
// It says:
//   pages of 16384 bytes
//   (missing) no such file or directory: nowhere.quire: No such file or directory; check the path
//   (other) the table holds other types than asked for: table "numbers"; stored: key i32, value
//     plain(f64); asked: key i32, value text; first difference: value, stored plain, asked text;
//     open it with the stored types
//   tables in memory: 0
#include <quire/quire.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace {

/// What a program that talks to people does with a failure: a message that stands for itself, and
/// where it matters which failure it is, a code.
void show(const quire::Error& error) {
  const bool is_missing = error.code() == quire::ErrorCode::file_missing;
  std::cout << (is_missing ? "(missing) " : "(other) ") << error.message() << '\n';
}

}  // namespace

int main() {  // NOLINT(bugprone-exception-escape): value() ends the program and says why
  using std::chrono::milliseconds;
  auto opened = quire::StorageBuilder("open.quire")
                    .with_page_size(16384)                         // counts for a new file
                    .with_durability(quire::Durability::buffered)  // commits do not wait ...
                    .with_background_sync({.interval = milliseconds(100)})  // ... and are soon safe
                    .with_log([](const quire::LogEntry& entry) {  // hears what no call returns
                      if (level(entry.event) != quire::LogLevel::info)
                        std::cerr << entry.message() << '\n';
                    })
                    .build();
  if (!opened) {  // for a program that goes on, or ends in its own way
    show(opened.error());
    return 1;
  }
  quire::Storage& storage = *opened;
  std::cout << "pages of " << storage.options().page_size << " bytes\n";

  auto numbers = storage.new_table<int, double>("numbers").build().value();  // or throws
  numbers.put(1, 0.5, quire::Durability::full).value();  // this one is on disk when it returns

  const auto nowhere =
      quire::StorageBuilder("nowhere.quire").with_access(quire::Access::read_only).build();
  if (!nowhere) show(nowhere.error());
  const auto texts = storage.open_table<int, std::string>("numbers").build();
  if (!texts) show(texts.error());

  auto scratch = quire::StorageBuilder("scratch").with_backend(quire::backend::memory).build();
  std::cout << "tables in memory: " << scratch.value().tables().value().size() << '\n';
  if (auto closed = storage.close(); !closed) show(closed.error());  // tells what it could not do
}
