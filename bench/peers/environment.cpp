#include "peers/environment.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include "measure.hpp"
#include "peers/engines.hpp"
#include "peers/memory_group.hpp"

namespace bench::peers {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The value of the first line that begins with name, in files like /proc/cpuinfo.
std::string field(const std::string& path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (!line.starts_with(name) || colon == std::string::npos) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "unknown";
}

/// The mount that a device number belongs to, as /proc/self/mountinfo tells of it.
std::string mount_of(const std::string& directory) {
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0) return "unknown";
  const std::string device = fmt::format("{}:{}", major(status.st_dev), minor(status.st_dev));
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id;
    std::string parent;
    std::string number;
    std::string root;
    std::string place;
    std::string options;
    words >> id >> parent >> number >> root >> place >> options;
    if (number != device) continue;
    std::string word;
    while (words >> word && word != "-") continue;
    std::string type;
    std::string source;
    std::string special;
    words >> type >> source >> special;
    return fmt::format("{} on {} ({}; {})", type, source, options, special);
  }
  return "unknown";
}

std::string kernel() {
  utsname names{};
  if (::uname(&names) != 0) return "unknown";
  return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string memory_groups() {
  constexpr std::uint64_t any_limit = std::uint64_t{1} << 30;
  return MemoryGroup::make(any_limit) ? "yes"
                                      : "no: nothing is measured that is larger than memory";
}

}  // namespace

Environment Environment::look(const Setting& setting, unsigned rounds) {
  Environment environment{.entries = setting.entries, .rounds = rounds, .facts = {}, .engines = {}};
  environment.facts = {
      {"processor", fmt::format("{}, {} processors", field("/proc/cpuinfo", "model name"),
                                std::thread::hardware_concurrency())},
      {"memory", field("/proc/meminfo", "MemTotal")},
      {"kernel", kernel()},
      {"file system", mount_of(setting.directory)},
      {"compiler", compiler()},
      {"build", QUIRE_BUILD_FLAGS},
      {"load when it began", first_line("/proc/loadavg")},
      {"real-time priority while waiting for the disk",
       RealTime().is_granted() ? "yes"
                               : "not permitted: delays of the scheduler are in the figures"},
      {"memory can be limited by a control group", memory_groups()},
      {"caches of engines that have one", fmt::format("{} MiB", setting.cache_size >> 20)},
      {"entries", fmt::format("{}", setting.entries)},
      {"rounds", fmt::format("{}", rounds)}};
  for_each_peer<std::uint64_t, true>(setting, [&]<class P>() {
    environment.engines.push_back({.name = std::string(P::name),
                                   .version = P::version(),
                                   .configuration = std::string(P::configuration)});
  });
  return environment;
}

}  // namespace bench::peers
