// Calls to the system that fail: each one that a trace makes, in turn and in several ways.
//
// What was committed before is there, for readers at once and after every reopening; who asked for
// what failed hears the system's reason; a failure that leaves a commit unknown stops the writers
// until the next opening, and any other stops them no longer than it lasts.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crash/explore.hpp"
#include "crash/traces.hpp"
#include "support/parallel.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// How a fault ends: the next process finds what the cache shows, or only what the disk has.
enum class Cache : std::uint8_t { kept, lost };

/// One run of a trace that meets a fault.
class FaultyRun {
 public:
  FaultyRun(const Trace& trace, const Fault& fault)
      : trace_(trace), fault_(fault), session_(prepared_disk(), history_, trace.options) {}

  void meet_the_fault() {
    ++totals().faults;
    trace_.script(session_);
    if (!session_.is_poisoned()) session_.close();
    disk_.heal();
    check_reasons();
  }

  /// What readers were shown as durable does not need the cache.
  void look_without_cache() {
    const bool is_durable = history_.newest_durable(disk_.stop_count()) >= session_.current();
    if (session_.is_poisoned() && is_durable) session_.lose_cache();
    session_.look();
  }

  void go_on_in_this_process() {
    const bool was_poisoned = session_.is_poisoned();
    const std::size_t errors = session_.errors().size();
    if (!session_.is_open()) session_.open();
    put_one_more();
    if (!was_poisoned) expect_no_error_since(errors, "when nothing fails any more");
  }

  void go_on_in_the_next(Cache cache) {
    const std::size_t errors = session_.errors().size();
    session_.die(cache == Cache::lost);
    put_one_more();
    session_.reopen();
    session_.look();
    expect_no_error_since(errors, "after reopening");
  }

  /// A cut anywhere in all that.
  void cut(std::uint64_t seed, Findings& findings) {
    const Plan plan{.budget = {.exhaustive_limit = 0, .samples = 8, .seed = seed}, .after_cut = {}};
    Explorer explorer(trace_.name, trace_.options, plan);
    CrashJournal journal = disk_.journal();
    explorer.explore(journal, history_, seed % journal.stop_count());
    findings.images += explorer.findings().images;
    if (explorer.findings().losses != 0) note(explorer.findings().first, findings);
  }

  void report(Findings& findings) const {
    for (const std::string& complaint : session_.complaints()) note(complaint, findings);
    for (const std::string& complaint : complaints_) note(complaint, findings);
  }

 private:
  CrashDisk& prepared_disk() {
    if (trace_.has_empty_file) disk_.add_file(data_file, {});
    disk_.fail(fault_);
    return disk_;
  }

  /// A full disk may have room for what is asked all the same, at a second try. After a commit that
  /// was refused the script may ask for a table that it would have made.
  void check_reasons() {
    const bool may_go_unheard = fault_.error == ENOSPC && fault_.call != Call::sync;
    if (session_.errors().empty() && !may_go_unheard)
      complaints_.emplace_back("nobody heard of it");
    const ErrorCode reason = fault_.error == ENOSPC ? ErrorCode::no_space : ErrorCode::io_failed;
    for (const Error& error : session_.errors()) {
      if (error.code() == ErrorCode::table_missing && &error != session_.errors().data()) continue;
      const bool is_clear = error.system() == fault_.error &&
                            (error.code() == reason || error.code() == ErrorCode::outcome_unknown ||
                             error.code() == ErrorCode::poisoned);
      if (!is_clear) complaints_.push_back("an unclear error: " + error.message());
    }
  }

  void put_one_more() {
    session_.full([](Editor& editor) { editor.put("a", "one more", text(700, 3)); });
    session_.look();
  }

  void expect_no_error_since(std::size_t count, const std::string& when) {
    if (session_.errors().size() > count)
      complaints_.push_back("an error " + when + ": " + session_.errors()[count].message());
    if (!session_.is_open()) complaints_.push_back("not open " + when);
  }

  void note(const std::string& what, Findings& findings) const {
    if (findings.losses++ != 0) return;
    findings.first =
        what + "; " + std::string(trace_.name) + ", call " + std::to_string(fault_.number) +
        " of kind " + (fault_.call ? std::to_string(static_cast<int>(*fault_.call)) : "any") +
        ", errno " + std::to_string(fault_.error) + ", " + std::to_string(fault_.bytes_first) +
        " bytes first, " + (fault_.lasting == Lasting::once ? "once" : "from then on");
  }

  const Trace& trace_;
  const Fault fault_;
  CrashDisk disk_{small_machine};
  History history_{Tables{}};
  Session session_;
  std::vector<std::string> complaints_;
};

/// The ways in which one call of a kind fails.
std::vector<Fault> ways_to_fail(Call call, std::size_t number) {
  std::vector<Fault> ways;
  for (const int error : {EIO, ENOSPC}) {
    for (const Lasting lasting : {Lasting::once, Lasting::from_then_on})
      ways.push_back({.number = number, .call = call, .error = error, .lasting = lasting});
  }
  if (call == Call::write || call == Call::grow) {
    ways.push_back({.number = number, .call = call, .bytes_first = 700});
    ways.push_back({.number = number,
                    .call = call,
                    .error = ENOSPC,
                    .lasting = Lasting::from_then_on,
                    .bytes_first = 4096});
  }
  if (call == Call::sync) {
    ways.push_back({.number = number, .call = call, .survivors_seed = 1});
    ways.push_back({.number = number, .call = call, .survivors_seed = 2});
  }
  return ways;
}

/// Every fault that the trace can meet, or of a smaller volume an even part of them.
std::vector<Fault> faults_of(const Trace& trace) {
  CrashDisk disk(small_machine);
  if (trace.has_empty_file) disk.add_file(data_file, {});
  History history{Tables{}};
  Session session(disk, history, trace.options);
  trace.script(session);
  session.close();
  std::vector<Fault> faults;
  for (std::size_t kind = 0; kind < call_kinds; ++kind) {
    const auto call = static_cast<Call>(kind);
    for (std::size_t number = 0; number < disk.call_count(call); ++number) {
      const std::vector<Fault> ways = ways_to_fail(call, number);
      faults.insert(faults.end(), ways.begin(), ways.end());
    }
  }
  for (std::size_t number = 0; number < disk.call_count(); ++number)
    faults.push_back({.number = number, .lasting = Lasting::from_then_on});
  const std::size_t wanted = std::min(scaled(faults.size()), faults.size());
  for (std::size_t index = 0; index < wanted; ++index)
    faults[index] = faults[index * faults.size() / wanted];
  faults.resize(wanted);
  return faults;
}

Findings fail_each_call(const Trace& trace) {
  Findings findings;
  std::uint64_t seed = 0;
  for (const Fault& fault : faults_of(trace)) {
    for (const Cache cache : {Cache::kept, Cache::lost}) {
      FaultyRun run(trace, fault);
      run.meet_the_fault();
      if (cache == Cache::lost) run.look_without_cache();
      run.go_on_in_this_process();
      run.go_on_in_the_next(cache);
      run.report(findings);
      run.cut(++seed * 7919, findings);
    }
  }
  return findings;
}

void require_no_losses_when_calls_fail(std::span<const Trace> traces) {
  std::vector<Findings> all(traces.size());
  in_parallel(traces.size(),
              [&](std::size_t index) { all[index] = fail_each_call(traces[index]); });
  for (std::size_t index = 0; index < traces.size(); ++index) {
    const std::string name(traces[index].name);
    CAPTURE(name);
    CAPTURE(all[index].first);
    CHECK(all[index].losses == 0);
    CHECK(all[index].images > 0);
  }
}

TEST_CASE("calls that fail in a simple run lose nothing") {
  require_no_losses_when_calls_fail(simple_traces());
}
TEST_CASE("calls that fail while trees change lose nothing") {
  require_no_losses_when_calls_fail(tree_traces());
}
TEST_CASE("calls that fail while space moves lose nothing") {
  require_no_losses_when_calls_fail(space_traces());
}
TEST_CASE("calls that fail while commits are recorded lose nothing") {
  require_no_losses_when_calls_fail(redo_traces());
}

}  // namespace
}  // namespace quire::test
