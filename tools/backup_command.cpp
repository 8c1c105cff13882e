// The command that copies a database, as it is at one moment, into a new file.

#include <algorithm>

#include "tools/commands.hpp"
#include "tools/open.hpp"
#include "tools/progress.hpp"

namespace kvtool {

Outcome<ExitStatus> run_backup(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  Progress progress("copied");
  std::uint64_t copied = 0;
  const auto hook = [&](const quire::Progress& now) {
    copied = now.done;
    progress.tell(now.done, now.total, "entries");
  };
  const auto done = storage->backup(request.target, hook);
  if (!done) return trouble("cannot copy " + request.path + " to " + request.target, done.error());
  data << "copied " << copied << (copied == 1 ? " entry to " : " entries to ") << request.target
       << '\n';
  return ExitStatus::ok;
}

}  // namespace kvtool
