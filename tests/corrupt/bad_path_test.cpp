// Paths that lead to no usable file: a clear error each, and nothing made or changed.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "image.hpp"
#include "quire/engine/file/posix_file.hpp"
#include "support/crash_disk.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

/// A folder of our own, gone with this.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "quire-corrupt-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    fs::permissions(path_, fs::perms(0755));
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] bool is_empty() const { return fs::is_empty(path_); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Root may do everything, so root becomes nobody for a while: that is the only way to meet a
/// permission that is missing. Any other user stays who he is.
class Nobody {
 public:
  Nobody() : is_root_(::geteuid() == 0) {
    if (is_root_) REQUIRE(::seteuid(65534) == 0);
  }
  ~Nobody() {
    if (is_root_) static_cast<void>(::seteuid(0));
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;

 private:
  bool is_root_;
};

Options options(Access access, Create create) {
  Options options;
  options.access = access;
  options.create = create;
  return options;
}

/// The error of an opening: its code's name, or that there was none.
std::string error_of(const std::string& path, Access access, Create create = Create::never) {
  const Result<Database> database = Database::open(path, options(access, create));
  return database ? "opened" : std::string(name(database.error().code()));
}

void write_image(const std::string& path) {
  std::ofstream(path, std::ios::binary) << as_text(image());
}

bool is_image(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  return equal(as_bytes(content), image());
}

TEST_CASE("a missing file is said to be missing, and is not made") {
  const Folder folder;
  CHECK(error_of(folder / "none", Access::read_only) == "file_missing");
  CHECK(error_of(folder / "none", Access::read_write) == "file_missing");
  CHECK(folder.is_empty());
}

TEST_CASE("a missing folder is said to be missing, and is not made") {
  const Folder folder;
  CHECK(error_of(folder / "none/file", Access::read_write, Create::if_missing) == "file_missing");
  CHECK(error_of(folder / "none/file", Access::read_only) == "file_missing");
  CHECK(folder.is_empty());
}

TEST_CASE("a folder, a pipe and a device are not files for a database") {
  const Folder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  fs::create_directory(folder / "folder");
  for (const std::string& path : {folder / "folder", folder / "pipe", std::string("/dev/zero")}) {
    CAPTURE(path);
    CHECK(error_of(path, Access::read_only) == "unsupported_file");
    CHECK(error_of(path, Access::read_write, Create::if_missing) == "unsupported_file");
  }
  CHECK(fs::is_empty(folder / "folder"));
}

TEST_CASE("a file that may not be written is readable, and refused to a writer") {
  const Folder folder;
  const std::string path = folder / "file";
  write_image(path);
  fs::permissions(path, fs::perms(0444));
  {
    const Nobody nobody;
    CHECK(error_of(path, Access::read_write) == "permission");
    CHECK(error_of(path, Access::read_write, Create::if_missing) == "permission");
    CHECK(error_of(path, Access::read_only) == "opened");
  }
  CHECK(is_image(path));
}

TEST_CASE("a file that may not be read is refused") {
  const Folder folder;
  const std::string path = folder / "file";
  write_image(path);
  fs::permissions(path, fs::perms(0000));
  {
    const Nobody nobody;
    CHECK(error_of(path, Access::read_only) == "permission");
    CHECK(error_of(path, Access::read_write) == "permission");
  }
  fs::permissions(path, fs::perms(0644));
  CHECK(is_image(path));
}

TEST_CASE("in a folder that may not be written nothing is made") {
  const Folder folder;
  fs::permissions(folder.path(), fs::perms(0555));
  {
    const Nobody nobody;
    CHECK(error_of(folder / "file", Access::read_write, Create::if_missing) == "permission");
  }
  CHECK(folder.is_empty());
}

// What the system says while a database is opened is passed on, with its number.
TEST_CASE("refusals of the system come out as errors of their own") {
  struct Case {
    int number;
    ErrorCode code;
  };
  for (const Case one : {Case{EACCES, ErrorCode::permission}, Case{EROFS, ErrorCode::permission},
                         Case{EIO, ErrorCode::io_failed}}) {
    CAPTURE(one.number);
    CrashDisk disk;
    disk.add_file("file", image());
    disk.fail({.number = 0, .call = Call::open, .error = one.number});
    const auto database = Database::open("file", options_for(disk, Access::read_write));
    REQUIRE(!database);
    CHECK(database.error().code() == one.code);
    CHECK(database.error().system() == one.number);
    CHECK(disk.traffic().writes == 0);
  }
}

TEST_CASE("a file that another process has open for writing is busy") {
  const Folder folder;
  const std::string path = folder / "file";
  write_image(path);
  // Its lock belongs to the open file, and so excludes this process as it would another one.
  const auto other = posix_file_system().open(path, Access::read_write).value();
  REQUIRE(other->lock_exclusive());
  CHECK(error_of(path, Access::read_write) == "busy");
  CHECK(error_of(path, Access::read_only) == "busy");
}

TEST_CASE("every error of an opening names its path") {
  const Folder folder;
  std::ofstream(folder / "text") << std::string(100'000, 'x');
  fs::create_directory(folder / "folder");
  for (const char* const name : {"text", "folder", "none", "none/file"}) {
    const std::string path = folder / name;
    const auto database = Database::open(path, options(Access::read_only, Create::never));
    REQUIRE(!database);
    CAPTURE(database.error().message());
    CHECK(database.error().message().find(path) != std::string::npos);
  }
}

}  // namespace
}  // namespace quire::test
