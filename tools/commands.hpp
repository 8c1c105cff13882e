// Commands: what kvtool can do, each a function from a request to an exit status.
#pragma once

#include <ostream>

#include "tools/request.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Writes the command's data to the stream; trouble has written perhaps a part of it.
Outcome<ExitStatus> run_info(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_tables(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_stats(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_check(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_readers(const Request& request, std::ostream& data);

Outcome<ExitStatus> run_get(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_put(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_del(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_scan(const Request& request, std::ostream& data);

Outcome<ExitStatus> run_backup(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_dump(const Request& request, std::ostream& data);
Outcome<ExitStatus> run_load(const Request& request, std::ostream& data);

/// The command that the request names.
Outcome<ExitStatus> run(const Request& request, std::ostream& data);

}  // namespace kvtool
