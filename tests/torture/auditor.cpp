// The torture's auditor: comes when all others have ended, however they did. Its opening is the
// first one, so it is the one that recovers; the lock file, if there is one, is a dead one's.
#include "torture/breach.hpp"
#include "torture/content.hpp"
#include "torture/job.hpp"

namespace quire::test {
namespace {

Options options_for_audit(Dice& dice) {
  Options options = choose_options(dice);
  if (dice.one_in(3)) options.sharing = Sharing::exclusive;
  return options;
}

/// Law: everything that was known to be there is there, and nothing else.
void audit_content(const Job& job, const Database& database, const Floor& floor) {
  const Snapshot snapshot = database.snapshot().value();
  const Windows windows = read_snapshot(snapshot).windows;
  demand_above(floor, snapshot.txn(), windows);
  demand_attempted(job.board, windows);
}

/// Many times what the entries and the snapshots of the living ever take.
constexpr std::uint64_t most_bytes = std::uint64_t{64} << 20;

/// Law: every page has one owner, and nothing is kept for who is gone, nor was for long.
void audit_file(const Database& database, const Floor& floor) {
  const CheckReport report = database.check().value();
  demand(report.is_clean(), [&] { return "a check finds: " + report.findings.front().text; });
  const Statistics statistics = database.statistics().value();
  demand(statistics.pins == 0, [&] {
    return std::to_string(statistics.pins) + " pins are left, and nobody who made them";
  });
  demand(statistics.file_size <= most_bytes, [&] {
    return "the file has grown to " + std::to_string(statistics.file_size) + " bytes";
  });
  demand(statistics.durable >= floor.durable, "what was durable has become older");
}

}  // namespace

void run_auditor(Job& job) {
  const Floor floor = job.board.floor();
  job.line().enter(Phase::opening);
  Database database = Database::open(job.path, options_for_audit(job.dice)).value();
  job.line().enter(Phase::checking);
  audit_file(database, floor);
  audit_content(job, database, floor);
  audit_file(database, floor);
  job.line().enter(Phase::closing);
  database.close().value();
  ++job.line().steps;
}

}  // namespace quire::test
