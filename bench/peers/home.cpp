#include "peers/home.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace bench::peers {

namespace {

constexpr std::uint64_t sector_size = 512;  ///< of st_blocks and of the device's counters

/// Calls use with the path of each file in the directory.
void each_file(const std::string& path, auto&& use) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) use(entry.path().string());
  }
}

/// Calls use with a descriptor of each file in the directory.
void each_opened_file(const std::string& path, auto&& use) {
  each_file(path, [&](const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    use(descriptor);
    ::close(descriptor);
  });
}

std::string without_spaces(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string counters_of(const std::string& directory) {
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0) return {};
  return fmt::format("/sys/dev/block/{}:{}/stat", major(status.st_dev), minor(status.st_dev));
}

}  // namespace

Home::Home(const std::string& parent, const std::string& name)
    : path_(parent + "/" + without_spaces(name)), device_(counters_of(parent)) {
  clear();
}

Home::~Home() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

void Home::clear() const {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

std::uint64_t Home::size() const {
  std::uint64_t blocks = 0;
  each_file(path_, [&](const std::string& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) == 0) blocks += static_cast<std::uint64_t>(status.st_blocks);
  });
  return blocks * sector_size;
}

std::uint64_t Home::device_written() const {
  std::ifstream counters(device_);
  // Reads, merged ones, their sectors and time; writes, merged ones, and then their sectors.
  std::uint64_t count = 0;
  for (int place = 0; place < 7; ++place) counters >> count;
  return counters ? count * sector_size : 0;
}

void Home::sync() const {
  each_opened_file(path_, [](int descriptor) { ::fsync(descriptor); });
}

void Home::evict() const {
  each_opened_file(path_, [](int descriptor) {
    static_cast<void>(::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED));
  });
}

}  // namespace bench::peers
