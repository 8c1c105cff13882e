// Request: what the command line asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "tools/dump_value.hpp"
#include "tools/notation.hpp"
#include "tools/output.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Members that a command does not know keep their defaults.
struct Request {
  std::string command;
  std::string path;
  Format format = Format::table;

  std::optional<std::string> table;
  NotationKind key_notation = NotationKind::automatic;
  NotationKind value_notation = NotationKind::automatic;
  std::string key;
  std::optional<std::string> value;
  std::optional<std::string> value_file;  ///< "-": the standard input

  std::optional<std::uint64_t> limit;
  bool is_reverse = false;
  std::optional<std::string> from;
  std::optional<std::string> to;  ///< not included
  std::optional<std::string> prefix;
  std::size_t width = 72;  ///< of a table's cells; 0: no limit

  std::string target;                    ///< where a backup goes
  std::optional<std::string> dump_file;  ///< none: the standard output or input
  DumpEncoding encoding = DumpEncoding::typed;
  std::optional<std::uint32_t> page_size;
};

/// The request, or the status to end with at once: help was shown, or what is wrong was said.
std::variant<Request, ExitStatus> parse_command_line(int argument_count,
                                                     const char* const* arguments);

}  // namespace kvtool
