#include "crash/explore.hpp"

#include <algorithm>
#include <cstdio>

namespace quire::test {
namespace {

/// One database that survived a cut. Each step says what is wrong, or nothing.
class Survivor {
 public:
  Survivor(CrashDisk& disk, const Options& options, const History& history, std::size_t stop)
      : options_(small_options(options)), history_(history), stop_(stop) {
    options_.file_system = &disk;
  }

  std::string open_and_look() {
    Result<Database> opened = Database::open(data_file, options_);
    if (!opened) return "cannot be opened: " + opened.error().message();
    database_ = *std::move(opened);
    const Result<Digest> digest = read();
    if (!digest) return "cannot be read: " + digest.error().message();
    const std::optional<History::Index> found = history_.find(*digest, stop_);
    if (!found) return history_.explain(*digest, stop_);
    found_ = *found;
    return check("after the cut");
  }

  std::string commit_once_more() {
    const Status committed = commit_probe();
    if (!committed) return "accepts no commit: " + committed.error().message();
    return expect(history_.digest_with_probe(found_), "after one more commit");
  }

  std::string open_again() {
    database_.reset();
    Result<Database> opened = Database::open(data_file, options_);
    if (!opened) return "cannot be opened again: " + opened.error().message();
    database_ = *std::move(opened);
    const std::string wrong = expect(history_.digest_with_probe(found_), "after one more opening");
    return wrong.empty() ? check("after one more opening") : wrong;
  }

 private:
  [[nodiscard]] Result<Digest> read() const {
    const Result<Snapshot> snapshot = database_->snapshot();
    return snapshot ? digest_of(*snapshot) : fail(snapshot);
  }

  [[nodiscard]] std::string expect(const Digest& expected, const std::string& when) const {
    const Result<Digest> digest = read();
    if (!digest) return "cannot be read " + when + ": " + digest.error().message();
    return *digest == expected ? "" : "holds something else " + when;
  }

  [[nodiscard]] std::string check(const std::string& when) const {
    const Result<CheckReport> report = database_->check();
    if (!report) return "cannot be checked " + when + ": " + report.error().message();
    return report->is_clean() ? "" : "check " + when + ": " + report->findings.front().text;
  }

  [[nodiscard]] Status commit_probe() const {
    Result<WriteTransaction> transaction = database_->begin_write();
    if (!transaction) return fail(transaction);
    Tables tables;
    if (history_.tables(found_).contains(probe_table)) tables[probe_table];
    Editor editor(*transaction, tables);
    editor.put(probe_table, probe_key, probe_value);
    if (!editor.status()) return editor.status();
    const Result<CommitReceipt> receipt = std::move(*transaction).commit(Durability::full);
    return receipt ? Status() : fail(receipt);
  }

  Options options_;
  const History& history_;
  const std::size_t stop_;
  std::optional<Database> database_;
  History::Index found_ = 0;
};

}  // namespace

std::string judge(CrashDisk& disk, const Options& options, const History& history,
                  std::size_t stop) {
  Survivor survivor(disk, options, history, stop);
  std::string wrong = survivor.open_and_look();
  if (wrong.empty()) wrong = survivor.commit_once_more();
  if (wrong.empty()) wrong = survivor.open_again();
  return wrong;
}

Totals::~Totals() {
  std::printf("total: %zu crash images of %zu traces, %zu runs with failing calls\n", images.load(),
              trace_count(), faults.load());
}

Totals& totals() {
  static Totals all;
  return all;
}

Explorer::Explorer(std::string_view name, const Options& options, const Plan& plan)
    : name_(name), options_(options), plan_(plan) {}

void Explorer::explore(CrashJournal journal, const History& history) {
  for (std::size_t stop = 0; stop < journal.stop_count(); ++stop) {
    explore_stop(journal, history, stop, plan_.budget, 1);
  }
}

void Explorer::explore_stop(CrashJournal& journal, const History& history, std::size_t stop,
                            const Budget& budget, std::size_t depth) {
  const std::size_t period = std::max<std::size_t>(1, plan_.every_nth_deep);
  journal.for_each_image(stop, budget, [&](CrashImage& image) {
    const auto where = [&] {
      return name_ + ", cut " + std::to_string(depth) + " in stop " + std::to_string(stop) + ", " +
             journal.describe_stop(stop) + "; " + image.describe();
    };
    ++findings_.images;
    ++totals().images;
    const std::string wrong = judge(*image.mount(), options_, history, stop);
    if (!wrong.empty()) note_loss(wrong, where());
    const bool is_deep = wrong.empty() && depth < plan_.depth && findings_.images % period == 0;
    if (is_deep) explore_survivor(image, history, stop, depth + 1, where());
  });
}

void Explorer::explore_survivor(CrashImage& image, const History& history, std::size_t stop,
                                std::size_t depth, const std::string& where) {
  History next = history.seen_from(stop);
  auto disk = image.mount();
  Session session(*disk, next, options_);
  // What recovery showed it decides again, however often it is interrupted.
  next.settle(session.current(), 0);
  if (plan_.after_cut) plan_.after_cut(session);
  for (const std::string& complaint : session.complaints()) note_loss(complaint, where);
  CrashJournal journal = disk->journal();
  const std::size_t count = journal.stop_count();
  const std::size_t wanted = plan_.deep_stops == 0 ? count : std::min(count, plan_.deep_stops);
  for (std::size_t index = 0; index < wanted; ++index) {
    // Shifted, so that different survivors are cut in different places.
    const std::size_t nested = (index * count / wanted + findings_.images) % count;
    Budget budget = plan_.deep_budget;
    budget.seed = findings_.images;
    explore_stop(journal, next, nested, budget, depth);
  }
}

void Explorer::note_loss(const std::string& what, const std::string& where) {
  if (findings_.losses++ == 0) findings_.first = what + "; " + where;
}

Findings run_and_explore(const Trace& trace, const Plan& plan) {
  CrashDisk disk(small_machine);
  if (trace.has_empty_file) disk.add_file(data_file, {});
  History history{Tables{}};
  Explorer explorer(trace.name, trace.options, plan);
  Session session(disk, history, trace.options);
  trace.script(session);
  session.look();
  for (const std::string& complaint : session.complaints())
    explorer.note_loss(complaint, std::string(trace.name));
  for (const Error& error : session.errors()) {
    if (trace.has_failures) break;
    explorer.note_loss(error.message(), std::string(trace.name));
  }
  explorer.explore(disk.journal(), history);
  return explorer.findings();
}

}  // namespace quire::test
