// File systems that do not keep their promises are made here of one that does.
#include "quire/engine/txn/file_system_guard.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/forwarding_files.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {
namespace {

/// What is strange about a file system.
struct Strangeness {
  FileSystemType type{0, "strange", Fitness::unknown, ""};
  bool hides_writes = false;         ///< maps show what was there when they were made
  std::optional<ErrorCode> refusal;  ///< why nothing can be made beside the file
};

class StrangeFile final : public ForwardingFile {
 public:
  StrangeFile(std::unique_ptr<File> file, const Strangeness& strangeness)
      : ForwardingFile(std::move(file)), strangeness_(strangeness) {}

  Result<Bytes> map(std::uint64_t reserve) override {
    const Result<Bytes> map = inner().map(reserve);
    if (!strangeness_.hides_writes || !map) return map;
    const auto shown = map->first(inner().size().value());
    stale_.assign(shown.begin(), shown.end());
    return Bytes(stale_);
  }
  [[nodiscard]] const FileSystemType& file_system() const override { return strangeness_.type; }

 private:
  const Strangeness& strangeness_;
  std::vector<std::byte> stale_;
};

class StrangeFileSystem final : public ForwardingFiles {
 public:
  StrangeFileSystem() : ForwardingFiles(files_) {}

  Strangeness strangeness;
  int files_made = 0;
  int files_discarded = 0;

  Result<std::unique_ptr<File>> create_beside(const std::string& path) override {
    if (strangeness.refusal) return fail(*strangeness.refusal);
    ++files_made;
    return ForwardingFiles::create_beside(path);
  }
  void discard(File& file) noexcept override {
    ++files_discarded;
    ForwardingFiles::discard(file);
  }

 private:
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override {
    return std::make_unique<StrangeFile>(std::move(file), strangeness);
  }

  MemoryFileSystem files_;
};

Result<Database> open(StrangeFileSystem& files, Options options = {}) {
  options.file_system = &files;
  return Database::open("file", options);
}

TEST_CASE("a network file system is refused with a reason, unless it is asked for") {
  StrangeFileSystem files;
  files.strangeness.type = file_system_type(0x6969);
  const Result<Database> refused = open(files);
  REQUIRE(code_of(refused) == ErrorCode::unsupported_file);
  for (const char* part : {"file", "nfs", "other machines", "with_any_file_system"})
    CHECK(refused.error().message().find(part) != std::string::npos);
  CHECK(files.files_made == files.files_discarded);  // nothing was left there
  CHECK(code_of(open(files, {.access = Access::read_only, .create = Create::never})) ==
        ErrorCode::file_missing);
  REQUIRE(open(files, {.any_file_system = true}));
  CHECK(code_of(open(files)) == ErrorCode::unsupported_file);  // one that is there, too
}

// Law: an unknown file system is good enough if a map shows what was just written.
TEST_CASE("an unknown file system is tried out") {
  StrangeFileSystem files;
  {
    const Database database = open(files).value();
    CHECK(files.files_made == 2);  // the probe and the database
    CHECK(files.files_discarded == 1);
    CHECK(database.file_system().value().name == "strange");
  }
  REQUIRE(open(files));
  CHECK(files.files_made == 3);
  CHECK(files.files_discarded == 2);
  REQUIRE(open(files, {.access = Access::read_only, .create = Create::never}));
  CHECK(files.files_made == 3);  // who only reads writes nothing
}

TEST_CASE("a file system whose maps hide writes is refused") {
  StrangeFileSystem files;
  REQUIRE(open(files));
  files.strangeness.hides_writes = true;
  const Result<Database> refused = open(files);
  REQUIRE(code_of(refused) == ErrorCode::unsupported_file);
  CHECK(refused.error().message().find("memory map") != std::string::npos);
  CHECK(files.files_made == files.files_discarded + 1);
}

TEST_CASE("a file system that cannot be tried out is refused with the reason") {
  StrangeFileSystem files;
  REQUIRE(open(files));
  files.strangeness.refusal = ErrorCode::permission;
  const Result<Database> refused = open(files);
  REQUIRE(code_of(refused) == ErrorCode::unsupported_file);
  CHECK(refused.error().message().find("tried out: the system refuses") != std::string::npos);
  CHECK(open(files, {.any_file_system = true}).has_value());
  files.strangeness.refusal = ErrorCode::no_space;
  CHECK(open(files).has_value());
}

}  // namespace
}  // namespace quire::test
