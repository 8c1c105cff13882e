#include "peers/memory_group.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace bench::peers {

namespace {

/// The two generations of control groups.
struct Generation {
  std::string_view root;
  std::string_view limit;       ///< the file that takes the limit
  std::string_view controller;  ///< to be switched on for the groups below, where that is needed
};

constexpr std::array generations = {
    Generation{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", ""},
    Generation{"/sys/fs/cgroup", "memory.max", "+memory"}};

bool write_text(const std::string& path, std::string_view text) {
  std::ofstream file(path);
  file << text;
  return static_cast<bool>(file.flush());
}

}  // namespace

std::optional<MemoryGroup> MemoryGroup::make(std::uint64_t limit) {
  for (const Generation& generation : generations) {
    const std::string root(generation.root);
    if (!std::filesystem::exists(root + "/cgroup.procs")) continue;
    if (!generation.controller.empty())
      write_text(root + "/cgroup.subtree_control", generation.controller);
    std::error_code refused;
    const std::string path = root + "/quire-peers-" + std::to_string(::getpid());
    std::filesystem::create_directory(path, refused);
    if (refused) continue;
    MemoryGroup group(path);
    const std::string file = path + "/" + std::string(generation.limit);
    if (std::filesystem::exists(file) && write_text(file, std::to_string(limit))) return group;
  }
  return {};
}

MemoryGroup::~MemoryGroup() {
  // Its files cannot be removed, and need not be.
  if (!path_.empty()) ::rmdir(path_.c_str());
}

void MemoryGroup::join(const std::string& path) {
  if (!write_text(path + "/cgroup.procs", std::to_string(::getpid())))
    throw std::runtime_error("cannot join " + path);
}

}  // namespace bench::peers
