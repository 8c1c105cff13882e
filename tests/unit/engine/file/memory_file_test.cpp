// What only the file system in memory promises: lifetimes, capacity, recycled memory.
#include "quire/engine/file/memory_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace quire {
namespace {

TEST_CASE("a file outlives the file system and its name") {
  std::unique_ptr<File> file;
  {
    MemoryFileSystem files;
    files.add_file("a", as_bytes("hello")).value();
    file = files.open("a", Access::read_write).value();
  }
  CHECK(as_text(file->map(5).value().first(5)) == "hello");
}

TEST_CASE("memory that another file used reads as zero") {
  for (int round = 0; round < 5; ++round) {
    MemoryFileSystem files;
    auto file = files.create_beside("a").value();
    file->grow(20'000).value();
    const Bytes content = file->map(20'000).value().first(20'000);
    CHECK(std::ranges::all_of(content, [](std::byte byte) { return byte == std::byte{0}; }));
    const std::string letters(20'000, 'x');
    const Bytes piece = as_bytes(letters);
    file->write(0, {&piece, 1}).value();
  }
}

TEST_CASE("a file beyond its capacity is a lack of space") {
  MemoryFileSystem files({.file_capacity = 1 << 20});
  auto file = files.create_beside("a").value();
  file->grow(1 << 20).value();
  auto grown = file->grow((1 << 20) + 1);
  REQUIRE_FALSE(grown.has_value());
  CHECK(grown.error().code() == ErrorCode::no_space);
  CHECK(file->size().value() == 1 << 20);
}

TEST_CASE("an added file replaces the one of its name") {
  MemoryFileSystem files;
  files.add_file("a", as_bytes("old")).value();
  auto old_file = files.open("a", Access::read_only).value();
  files.add_file("a", as_bytes("newer")).value();
  CHECK_FALSE(old_file->is_still_at_path());
  CHECK(files.open("a", Access::read_only).value()->size().value() == 5);
}

TEST_CASE("of many threads that publish one name, one succeeds") {
  MemoryFileSystem files;
  std::vector<int> published(8);
  {
    std::vector<std::jthread> threads;
    for (int& mine : published) {
      threads.emplace_back([&] {
        auto file = files.create_beside("a").value();
        mine = files.publish(*file, "a").value() ? 1 : 0;
      });
    }
  }
  CHECK(std::ranges::count(published, 1) == 1);
}

}  // namespace
}  // namespace quire
