// A process of the torture: a writer, a reader or an auditor, as its arguments say.
//
//   torture-worker ROLE PATH BOARD INDEX SEED
//
// It ends with exit status 0 when SIGTERM asks it to (an auditor: when it is done), and with 1 when
// a law is broken or a call fails: then the standard error says what.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "torture/breach.hpp"
#include "torture/job.hpp"

namespace quire::test {
namespace {

volatile std::sig_atomic_t is_ending = 0;

/// The driver has blocked SIGTERM for this process, so that none comes too early. It interrupts
/// system calls, as a signal may.
void listen_for_end() {
  struct sigaction action{};
  action.sa_handler = [](int) { is_ending = 1; };
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  demand(::sigaction(SIGTERM, &action, nullptr) == 0 &&
             ::sigprocmask(SIG_UNBLOCK, &signals, nullptr) == 0,
         "cannot listen for SIGTERM");
}

int run(std::span<char*> arguments) {
  const std::map<std::string, std::function<void(Job&)>> roles = {
      {"writer", run_writer}, {"reader", run_reader}, {"auditor", run_auditor}};
  demand(arguments.size() == 6 && roles.contains(arguments[1]),
         "usage: torture-worker writer|reader|auditor PATH BOARD INDEX SEED");
  listen_for_end();
  Board board(arguments[3]);
  Job job = {.path = arguments[2],
             .board = board,
             .index = static_cast<std::uint32_t>(std::stoul(arguments[4])),
             .dice = Dice(std::stoull(arguments[5]))};
  demand(job.index < line_count, "no such line on the board");
  roles.at(arguments[1])(job);
  return 0;
}

}  // namespace

bool is_asked_to_end() { return is_ending != 0; }

}  // namespace quire::test

int main(int argument_count, char** argument_values) {
  try {
    return quire::test::run({argument_values, static_cast<std::size_t>(argument_count)});
  } catch (const std::exception& failure) {
    static_cast<void>(std::fprintf(stderr, "%s\n", failure.what()));
    return 1;
  }
}
