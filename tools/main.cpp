// kvtool: looks into quire databases and edits them, from a shell.

#include <exception>
#include <iostream>
#include <variant>

#include "tools/commands.hpp"
#include "tools/request.hpp"
#include "tools/shown.hpp"

namespace {

using kvtool::ExitStatus;

ExitStatus complain(const kvtool::Trouble& trouble) {
  std::cerr << "kvtool: " << kvtool::one_line(trouble.message) << '\n';
  return trouble.status;
}

ExitStatus run(int argument_count, const char* const* arguments) {
  std::ios::sync_with_stdio(false);
  const auto parsed = kvtool::parse_command_line(argument_count, arguments);
  if (const auto* status = std::get_if<ExitStatus>(&parsed)) return *status;
  const auto ended = kvtool::run(std::get<kvtool::Request>(parsed), std::cout);
  std::cout.flush();
  if (!ended) return complain(ended.error());
  if (!std::cout) {
    return complain({ExitStatus::io_failed,
                     "cannot write to the standard output: what is there is not complete; see "
                     "whether its disk is full"});
  }
  return *ended;
}

}  // namespace

int main(int argument_count, char** arguments) {
  try {
    return static_cast<int>(run(argument_count, arguments));
  } catch (const std::exception& failure) {
    // Out of memory, in all likelihood: nothing of ours throws.
    return static_cast<int>(
        complain({ExitStatus::io_failed, std::string("gave up: ") + failure.what()}));
  }
}
