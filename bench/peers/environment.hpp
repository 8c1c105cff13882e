// What the figures were measured under.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "peers/suite.hpp"

namespace bench::peers {

struct EngineFacts {
  std::string name;
  std::string version;
  std::string configuration;
};

struct Environment {
  std::uint64_t entries = 0;
  unsigned rounds = 0;
  std::vector<std::pair<std::string, std::string>> facts;  ///< what, and its value, to be shown
  std::vector<EngineFacts> engines;

  /// Of this machine, and of the file system of the setting's directory, which must be there.
  static Environment look(const Setting& setting, unsigned rounds);
};

}  // namespace bench::peers
