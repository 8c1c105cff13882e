// Runs of kvtool within the tests' own process, and the files around them.
#pragma once

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/commands.hpp"
#include "tools/request.hpp"

namespace kvtool::test {

/// What a run of kvtool left.
struct Ended {
  ExitStatus status = ExitStatus::ok;
  std::string data;
  std::string complaint;
};

/// Takes what is written to the standard error while it lives.
class Listener {
 public:
  Listener() : before_(std::cerr.rdbuf(heard_.rdbuf())) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { std::cerr.rdbuf(before_); }

  [[nodiscard]] std::string heard() const { return heard_.str(); }

 private:
  std::ostringstream heard_;
  std::streambuf* before_;
};

inline Ended kvtool(const std::vector<std::string>& arguments) {
  const Listener listener;
  std::vector<const char*> words{"kvtool"};
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  const auto parsed = parse_command_line(static_cast<int>(words.size()), words.data());
  if (const auto* status = std::get_if<ExitStatus>(&parsed)) return {*status, "", listener.heard()};
  std::ostringstream data;
  const auto ended = run(std::get<Request>(parsed), data);
  if (!ended) return {ended.error().status, data.str(), ended.error().message};
  return {*ended, data.str(), listener.heard()};
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace kvtool::test
