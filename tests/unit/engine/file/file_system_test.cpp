// What every file system promises: one list of laws, asked of the machine's and of the one in
// memory. The crash disk of the tests answers to the same list.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quire/engine/file/file.hpp"
#include "quire/engine/file/memory_file.hpp"
#include "quire/engine/file/posix_file.hpp"
#include "support/crash_disk.hpp"

namespace quire {
namespace {

constexpr std::uint64_t reserve = std::uint64_t{1} << 26;

struct PosixPlace {
  PosixPlace() {
    std::string pattern = (std::filesystem::temp_directory_path() / "quire-XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
  }
  ~PosixPlace() { std::filesystem::remove_all(directory); }
  FileSystem& files() { return posix_file_system(); }
  std::string path(const std::string& name) const { return directory + "/" + name; }
  std::string directory;
};

struct MemoryPlace {
  FileSystem& files() { return memory; }
  std::string path(const std::string& name) const { return name; }
  MemoryFileSystem memory;
};

struct CrashPlace {
  FileSystem& files() { return disk; }
  std::string path(const std::string& name) const { return name; }
  test::CrashDisk disk;
};

/// A published file of this name with this text.
template <class Place>
std::unique_ptr<File> make_file(Place& place, const std::string& name, std::string_view text) {
  auto file = place.files().create_beside(place.path(name)).value();
  file->grow(text.size()).value();
  const Bytes piece = as_bytes(text);
  file->write(0, {&piece, 1}).value();
  REQUIRE(place.files().publish(*file, place.path(name)).value());
  return file;
}

template <class Place>
std::unique_ptr<File> open(Place& place, const std::string& name,
                           Access access = Access::read_write) {
  return place.files().open(place.path(name), access).value();
}

std::string_view text_of(File& file) {
  return as_text(file.map(reserve).value().first(file.size().value()));
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().code();
}

TEST_CASE_TEMPLATE("a file is empty when it is new, and reads as zero where it has grown", Place,
                   PosixPlace, MemoryPlace, CrashPlace) {
  Place place;
  auto file = place.files().create_beside(place.path("a")).value();
  CHECK(file->size().value() == 0);
  file->grow(10'000).value();
  CHECK(file->size().value() == 10'000);
  const Bytes content = file->map(reserve).value().first(10'000);
  CHECK(std::ranges::all_of(content, [](std::byte byte) { return byte == std::byte{0}; }));
  place.files().discard(*file);
}

TEST_CASE_TEMPLATE("growing never makes a file smaller", Place, PosixPlace, MemoryPlace,
                   CrashPlace) {
  Place place;
  auto file = make_file(place, "a", "hello");
  file->grow(3).value();
  CHECK(text_of(*file) == "hello");
}

TEST_CASE_TEMPLATE("what is cut off reads as zero when the file grows again", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  auto file = make_file(place, "a", "hello");
  file->truncate(2).value();
  CHECK(text_of(*file) == "he");
  file->grow(5).value();
  CHECK(text_of(*file) == std::string_view("he\0\0\0", 5));
}

TEST_CASE_TEMPLATE("a write is seen through every map at once, in order of its pieces", Place,
                   PosixPlace, MemoryPlace, CrashPlace) {
  Place place;
  auto writer = make_file(place, "a", "0123456789");
  auto reader = open(place, "a", Access::read_only);
  const std::string_view before = text_of(*reader);
  CHECK(before == "0123456789");
  const std::vector<Bytes> pieces = {as_bytes("abc"), as_bytes(""), as_bytes("d"), as_bytes("")};
  writer->write(3, pieces).value();
  CHECK(before == "012abcd789");
  CHECK(text_of(*writer) == "012abcd789");
}

// Law: a store is a write, whichever way it goes, also beside writes and behind the map's end.
TEST_CASE_TEMPLATE("what is stored is seen through every map at once", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  auto writer = make_file(place, "a", "0123456789");
  auto reader = open(place, "a", Access::read_only);
  CHECK(text_of(*reader) == "0123456789");
  writer->store(0, as_bytes("unmapped")).value();
  CHECK(text_of(*reader) == "unmapped89");
  CHECK(text_of(*writer) == "unmapped89");
  writer->store(6, as_bytes("abc")).value();
  CHECK(text_of(*reader) == "unmappabc9");
  writer->sync().value();
  writer->grow(20'000).value();
  const Bytes piece = as_bytes("write");
  writer->write(15'000, {&piece, 1}).value();
  writer->store(15'001, as_bytes("or")).value();
  writer->store(19'999, as_bytes("!")).value();
  CHECK(text_of(*reader).substr(15'000, 5) == "worte");
  CHECK(text_of(*reader).ends_with('!'));
}

TEST_CASE_TEMPLATE("what is written durably is seen through every map at once", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  auto writer = make_file(place, "a", "0123456789");
  auto reader = open(place, "a", Access::read_only);
  CHECK(text_of(*reader) == "0123456789");
  writer->write_durably(2, as_bytes("abc")).value();
  CHECK(text_of(*reader) == "01abc56789");
  CHECK(text_of(*writer) == "01abc56789");
  CHECK(code_of(reader->write_durably(0, as_bytes("x"))) == ErrorCode::read_only);
}

TEST_CASE_TEMPLATE("a write may have more pieces than one system call takes", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  auto file = make_file(place, "a", std::string(9000, '-'));
  const std::string letters = "abcdefg";
  std::vector<Bytes> pieces;
  std::string expected = "-";
  for (std::size_t index = 0; index < 5000; ++index) {
    pieces.push_back(as_bytes(std::string_view(letters).substr(index % 7, 1)));
    expected += letters[index % 7];
  }
  file->write(1, pieces).value();
  CHECK(text_of(*file).substr(0, expected.size()) == expected);
  CHECK(text_of(*file).substr(expected.size()) == std::string(9000 - expected.size(), '-'));
}

TEST_CASE_TEMPLATE("the address of the map stays when the file grows", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  auto file = make_file(place, "a", "x");
  const Bytes before = file->map(reserve).value();
  file->grow(1 << 20).value();
  const Bytes piece = as_bytes("y");
  file->write((1 << 20) - 1, {&piece, 1}).value();
  CHECK(file->map(reserve).value().data() == before.data());
  CHECK(before.size() >= 1 << 20);
  CHECK(as_text(before.subspan((1 << 20) - 1, 1)) == "y");
}

TEST_CASE_TEMPLATE("a file opened for reading refuses to change", Place, PosixPlace, MemoryPlace,
                   CrashPlace) {
  Place place;
  make_file(place, "a", "x");
  auto file = open(place, "a", Access::read_only);
  const Bytes piece = as_bytes("y");
  CHECK(code_of(file->write(0, {&piece, 1})) == ErrorCode::read_only);
  CHECK(code_of(file->store(0, piece)) == ErrorCode::read_only);
  CHECK(code_of(file->grow(10)) == ErrorCode::read_only);
  CHECK(code_of(file->truncate(0)) == ErrorCode::read_only);
  CHECK(code_of(file->lock_exclusive()) == ErrorCode::read_only);
  CHECK(text_of(*file) == "x");
}

TEST_CASE_TEMPLATE("a name that nothing was published under is missing", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  CHECK(code_of(place.files().open(place.path("a"), Access::read_write)) ==
        ErrorCode::file_missing);
  auto file = place.files().create_beside(place.path("a")).value();
  CHECK(code_of(place.files().open(place.path("a"), Access::read_write)) ==
        ErrorCode::file_missing);
  place.files().discard(*file);
}

TEST_CASE_TEMPLATE("publishing never replaces a file, and the loser can be discarded", Place,
                   PosixPlace, MemoryPlace, CrashPlace) {
  Place place;
  auto first = make_file(place, "a", "first");
  auto second = place.files().create_beside(place.path("a")).value();
  CHECK_FALSE(place.files().publish(*second, place.path("a")).value());
  CHECK(second->is_still_at_path());
  place.files().discard(*second);
  CHECK_FALSE(second->is_still_at_path());
  CHECK(text_of(*open(place, "a")) == "first");
}

TEST_CASE_TEMPLATE("replacing moves the name; the old file stays readable where it is open", Place,
                   PosixPlace, MemoryPlace, CrashPlace) {
  Place place;
  auto first = make_file(place, "a", "first");
  const std::string_view old_text = text_of(*first);
  auto second = place.files().create_beside(place.path("a")).value();
  place.files().replace(*second, place.path("a")).value();
  CHECK(second->is_still_at_path());
  CHECK_FALSE(first->is_still_at_path());
  CHECK(old_text == "first");
  CHECK(open(place, "a")->size().value() == 0);
}

TEST_CASE_TEMPLATE("two openings of a name are one file, and two names are two", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  auto a = make_file(place, "a", "a");
  auto b = make_file(place, "b", "b");
  CHECK(open(place, "a")->identity() == a->identity());
  CHECK(a->identity() != b->identity());
}

TEST_CASE_TEMPLATE("an exclusive lock excludes every other", Place, PosixPlace, MemoryPlace,
                   CrashPlace) {
  Place place;
  auto holder = make_file(place, "a", "x");
  auto other = open(place, "a");
  holder->lock_exclusive().value();
  CHECK(code_of(other->lock_exclusive()) == ErrorCode::busy);
  CHECK(code_of(other->lock_shared()) == ErrorCode::busy);
  holder.reset();
  other->lock_exclusive().value();
}

TEST_CASE_TEMPLATE("shared locks exclude only exclusive ones", Place, PosixPlace, MemoryPlace,
                   CrashPlace) {
  Place place;
  auto first = make_file(place, "a", "x");
  auto second = open(place, "a", Access::read_only);
  first->lock_shared().value();
  second->lock_shared().value();
  CHECK(code_of(first->lock_exclusive()) == ErrorCode::busy);
  second.reset();
  first->lock_exclusive().value();
}

TEST_CASE_TEMPLATE("an exclusive lock can be lowered to a shared one", Place, PosixPlace,
                   MemoryPlace, CrashPlace) {
  Place place;
  auto first = make_file(place, "a", "x");
  auto second = open(place, "a");
  first->lock_exclusive().value();
  first->lock_shared().value();
  second->lock_shared().value();
  CHECK(code_of(second->lock_exclusive()) == ErrorCode::busy);
}

TEST_CASE_TEMPLATE("syncs succeed where nothing fails", Place, PosixPlace, MemoryPlace,
                   CrashPlace) {
  Place place;
  auto file = make_file(place, "a", "x");
  file->sync().value();
  place.files().sync_directory(place.path("a")).value();
  CHECK(text_of(*open(place, "a")) == "x");
}

TEST_CASE_TEMPLATE("unique bytes differ, the boot does not, and time does not run backwards", Place,
                   PosixPlace, MemoryPlace, CrashPlace) {
  Place place;
  CHECK(place.files().unique_bytes() != place.files().unique_bytes());
  CHECK(place.files().boot_id() == place.files().boot_id());
  const std::uint64_t earlier = place.files().now();
  CHECK(place.files().now() >= earlier);
}

}  // namespace
}  // namespace quire
