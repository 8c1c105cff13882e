// What only the machine's file system can be asked: links, directories, pipes, permissions.
#include "quire/engine/file/posix_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "quire/engine/file/descriptor.hpp"
#include "support/child_process.hpp"

namespace quire {
namespace {

namespace fs = std::filesystem;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "quire-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Error error_of_opening(const std::string& path) {
  auto opened = posix_file_system().open(path, Access::read_write);
  REQUIRE_FALSE(opened.has_value());
  return opened.error();
}

// Law: a file says where it lies as the system's list of mounts does.
TEST_CASE("a file knows the type of its file system") {
  const auto type_in = [](const std::string& directory) {
    const std::string path = directory + "/quire-type-test";
    const auto made = posix_file_system().create_beside(path);
    const FileSystemType type = made.value()->file_system();
    posix_file_system().discard(*made.value());
    return type;
  };
  CHECK(type_in("/dev/shm").name == "tmpfs");
  CHECK_FALSE(type_in("/dev/shm").caution.empty());
  const auto pretends = posix_file_system().open("/proc/self/status", Access::read_only);
  CHECK(pretends.value()->file_system().fitness == Fitness::unknown);
  CHECK(file_system_type(0xFF53'4D42).fitness == Fitness::unfit);
  CHECK(file_system_type(0x6573'5546).fitness == Fitness::unknown);
  CHECK(file_system_type(12345).fitness == Fitness::unknown);
}

TEST_CASE("only regular files are opened") {
  TemporaryDirectory directory;
  fs::create_directory(directory / "directory");
  CHECK(error_of_opening(directory / "directory").code() == ErrorCode::unsupported_file);
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  CHECK(error_of_opening(directory / "pipe").code() == ErrorCode::unsupported_file);
  CHECK(error_of_opening("/dev/null").code() == ErrorCode::unsupported_file);
}

TEST_CASE("an error of opening names the path and the system's reason") {
  TemporaryDirectory directory;
  const Error error = error_of_opening(directory / "missing");
  CHECK(error.code() == ErrorCode::file_missing);
  CHECK(error.system() == ENOENT);
  CHECK(error.detail() == directory / "missing");
  write_text(directory / "file", "x");
  CHECK(error_of_opening(directory / "file/below").code() == ErrorCode::file_missing);
  CHECK(error_of_opening(std::string("zero\0byte", 9)).code() == ErrorCode::invalid_argument);
}

TEST_CASE("a file that may not be read is refused with permission") {
  if (::geteuid() == 0) return;  // the superuser may read everything
  TemporaryDirectory directory;
  write_text(directory / "file", "x");
  fs::permissions(directory / "file", fs::perms::none);
  CHECK(error_of_opening(directory / "file").code() == ErrorCode::permission);
}

TEST_CASE("a file is the same one by symbolic link and by hard link") {
  TemporaryDirectory directory;
  write_text(directory / "file", "x");
  fs::create_symlink(directory / "file", directory / "symbolic");
  fs::create_hard_link(directory / "file", directory / "hard");
  FileSystem& files = posix_file_system();
  auto file = files.open(directory / "file", Access::read_write).value();
  auto symbolic = files.open(directory / "symbolic", Access::read_write).value();
  auto hard = files.open(directory / "hard", Access::read_write).value();
  CHECK(symbolic->identity() == file->identity());
  CHECK(hard->identity() == file->identity());
  CHECK(symbolic->is_still_at_path());
  files.sync_directory(directory / "symbolic").value();
  fs::rename(directory / "file", directory / "moved");
  CHECK_FALSE(file->is_still_at_path());
  CHECK_FALSE(symbolic->is_still_at_path());
  CHECK(hard->is_still_at_path());
}

TEST_CASE("a relative path leads to the same file when the working directory changes") {
  TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(fs::path(directory / ""));
  write_text("file", "x");
  auto file = posix_file_system().open("file", Access::read_only).value();
  fs::current_path(before);
  CHECK(file->is_still_at_path());
}

TEST_CASE("growing allocates blocks") {
  TemporaryDirectory directory;
  auto file = posix_file_system().create_beside(directory / "a").value();
  file->grow(1 << 20).value();
  REQUIRE(posix_file_system().publish(*file, directory / "a").value());
  struct ::stat status{};
  REQUIRE(::stat((directory / "a").c_str(), &status) == 0);
  CHECK(status.st_blocks * 512 >= 1 << 20);
}

TEST_CASE("a temporary file is named after the final one, and publishing leaves one name") {
  TemporaryDirectory directory;
  auto file = posix_file_system().create_beside(directory / "a").value();
  const fs::path parent = fs::path(directory / "a").parent_path();
  CHECK(fs::directory_iterator(parent)->path().filename().string().starts_with("a.new-"));
  REQUIRE(posix_file_system().publish(*file, directory / "a").value());
  CHECK(std::distance(fs::directory_iterator(parent), {}) == 1);
  CHECK(fs::exists(directory / "a"));
}

TEST_CASE("a limit on the size of files is a lack of space, and leaves the file readable") {
  TemporaryDirectory directory;
  auto file = posix_file_system().create_beside(directory / "a").value();
  file->grow(4096).value();
  ::rlimit old_limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  const ::rlimit limit{8192, old_limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  auto grown = file->grow(1 << 20);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  std::signal(SIGXFSZ, old_handler);
  REQUIRE_FALSE(grown.has_value());
  CHECK(grown.error().code() == ErrorCode::no_space);
  CHECK(file->size().value() >= 4096);
}

TEST_CASE("the map is reserved far beyond the end of the file") {
  TemporaryDirectory directory;
  auto file = posix_file_system().create_beside(directory / "a").value();
  CHECK(file->map(std::uint64_t{1} << 40).value().size() >= std::uint64_t{1} << 30);
}

TEST_CASE("a reserve that no system grants is halved until one does") {
  TemporaryDirectory directory;
  auto file = posix_file_system().create_beside(directory / "a").value();
  const Bytes map = file->map(std::uint64_t{1} << 55).value();
  CHECK(map.size() < std::uint64_t{1} << 55);
  CHECK(map.size() >= std::uint64_t{1} << 30);
}

/// A published file of 64 KiB of 'a', mapped.
std::unique_ptr<File> mapped_file(const std::string& path) {
  auto file = posix_file_system().create_beside(path).value();
  const std::string text(1 << 16, 'a');
  file->grow(text.size()).value();
  const Bytes piece = as_bytes(text);
  file->write(0, {&piece, 1}).value();
  CHECK(file->map(std::uint64_t{1} << 26).value().size() >= text.size());
  REQUIRE(posix_file_system().publish(*file, path).value());
  return file;
}

// Law: what the system has to read first is written, and no less there.
TEST_CASE("a store into pages that left memory is there, and durable") {
  const TemporaryDirectory directory;
  auto file = mapped_file(directory / "a");
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    file->sync().value();
    const Descriptor same = Descriptor::open(directory / "a", O_RDONLY);
    REQUIRE(::posix_fadvise(same.value(), 0, 0, POSIX_FADV_DONTNEED) == 0);
    const std::string text(1, static_cast<char>('b' + round));
    const auto offset = static_cast<std::uint64_t>(round) * 1234;
    file->store(offset, as_bytes(text)).value();
    CHECK(as_text(file->map(0).value().subspan(offset, 1)) == text);
  }
}

// Law: a child has no part in its parent's file, also not through memory.
TEST_CASE("a forked child stores nothing") {
  const TemporaryDirectory directory;
  auto file = mapped_file(directory / "a");
  SUBCASE("when the parent has stored") { file->store(1, as_bytes("b")).value(); }
  SUBCASE("when it has not") {}
  const std::string before(as_text(file->map(0).value().first(10)));
  test::ChildProcess child([&] { return file->store(2, as_bytes("c")).has_value() ? 1 : 0; });
  CHECK(child.wait() == 0);
  CHECK(as_text(file->map(0).value().first(10)) == before);
  file->store(2, as_bytes("d")).value();
  CHECK(as_text(file->map(0).value().subspan(2, 1)) == "d");
}

TEST_CASE("the boot has an id") { CHECK(posix_file_system().boot_id() != BootId{}); }

}  // namespace
}  // namespace quire
