#include "peers/suite.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace bench::peers {

namespace {

constexpr std::uint64_t block_unit = 512;  ///< of st_blocks, whatever the file system's blocks are

/// Calls use with a descriptor of each file in the directory.
void each_file(const std::string& path, auto&& use) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    use(descriptor);
    ::close(descriptor);
  }
}

std::string home_path(const Setting& setting, std::string_view suite, std::string_view engine) {
  std::string path = setting.directory;
  path.append("/").append(suite).append("-").append(engine);
  std::replace(path.begin(), path.end(), ' ', '-');
  return path;
}

}  // namespace

Home::Home(const Setting& setting, std::string_view suite, std::string_view engine)
    : path_(home_path(setting, suite, engine)) {
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
  each_file(path_, [&](int descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) == 0) blocks += static_cast<std::uint64_t>(status.st_blocks);
  });
  return blocks * block_unit;
}

void Home::sync() const {
  each_file(path_, [](int descriptor) { ::fsync(descriptor); });
}

void Home::evict() const {
  each_file(path_, [](int descriptor) {
    static_cast<void>(::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED));
  });
}

}  // namespace bench::peers
