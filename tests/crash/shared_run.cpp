#include "crash/shared_run.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "support/model_material.hpp"

namespace quire::test {

// ---- Scripts

namespace {

Task choose_task(Dice& dice) {
  constexpr std::array usual = {Task::full,     Task::full,    Task::two_phase, Task::buffered,
                                Task::buffered, Task::abandon, Task::sync,      Task::await};
  return dice.one_in(12) ? Task::close : dice.any_of(usual);
}

/// At a call of an opening or of a commit; or later than the step comes.
Death choose_death(Dice& dice) {
  if (!dice.one_in(3)) return {};
  return {1 + dice.below(24), dice.any_of(Death::moments)};
}

std::uint32_t choose_seat(Dice& dice, const SharedScript& script) {
  return static_cast<std::uint32_t>(dice.below(script.seat_count));
}

void add_any(SharedScript& script, Dice& dice) {
  script.steps.push_back({choose_seat(dice, script), choose_task(dice), choose_death(dice)});
}

/// One process halts in its sync, and others commit meanwhile: to wait for that sync, or not.
void add_meeting(SharedScript& script, Dice& dice) {
  constexpr std::array halting = {Task::full, Task::await, Task::await, Task::two_phase};
  constexpr std::array meanwhile = {Task::buffered, Task::buffered, Task::buffered, Task::full};
  const std::uint32_t first = choose_seat(dice, script);
  script.steps.push_back({first, Task::buffered, {}});
  script.steps.push_back({.seat = first,
                          .task = dice.any_of(halting),
                          .death = {},
                          .is_to_halt = true,
                          .dies_halted = dice.one_in(2)});
  for (std::uint64_t count = 1 + dice.below(6); count != 0; --count) {
    const std::uint64_t other = first + 1 + dice.below(script.seat_count - 1);
    script.steps.push_back({static_cast<std::uint32_t>(other % script.seat_count),
                            dice.any_of(meanwhile), dice.one_in(3) ? choose_death(dice) : Death{}});
  }
}

}  // namespace

SharedScript make_script(std::uint64_t seed) {
  Dice dice(seed);
  constexpr std::array<std::uint32_t, 3> checkpoints = {1, 3, 64};
  SharedScript script{.seed = seed, .options = {}, .seat_count = 0, .steps = {}};
  script.options.sharing = Sharing::shared;
  script.options.checkpoint_after = dice.any_of(checkpoints);
  script.options.log_in_slots = dice.one_in(2);
  script.options.poison_free_pages = dice.one_in(2);
  if (dice.one_in(2)) script.options.memory_budget = 4 * layout::default_page_size;
  script.seat_count = static_cast<std::uint32_t>(2 + dice.below(3));
  for (const std::size_t count = 15 + dice.below(25); script.steps.size() < count;) {
    if (dice.one_in(5))
      add_meeting(script, dice);
    else
      add_any(script, dice);
  }
  return script;
}

// ---- Retelling

void Retelling::hear(const Note& note) {
  switch (static_cast<Said>(note.what)) {
    case Said::opened:
      build_on(note.number, note.stop);
      history_.settle(commits_[note.number].index, note.stop);
      break;
    case Said::goes_on: show(note.number); break;
    case Said::found: build_on(note.number, note.stop); break;
    case Said::commits: begin(note.number, note.other, note.stop); break;
    case Said::returned:
      commits_[note.number].has_returned = true;
      newest_returned_ = std::max(newest_returned_, commits_[note.number].index);
      break;
    case Said::is_durable: history_.set_durable(commits_[note.number].index, note.stop); break;
    case Said::asks_for_sync: asked_[note.number] = newest_returned_; break;
    case Said::is_synced: history_.set_durable(asked_[note.number], note.stop); break;
  }
}

/// Law: what returned is shown, and nothing that was not built on.
void Retelling::show(std::uint64_t number) {
  if (!commits_.contains(number)) return complain("is shown and was never committed", number);
  if (commits_[number].is_gone) complain("is shown again", number);
  if (commits_[number].index < newest_returned_)
    complain("is shown, and newer ones returned", number);
}

/// Law: what returned is built on, and what was not built on once never is.
void Retelling::build_on(std::uint64_t number, std::size_t stop) {
  if (!commits_.contains(number)) return complain("was found and never committed", number);
  if (commits_[number].is_gone) return complain("came back", number);
  for (auto& [other, commit] : commits_) {
    if (commit.index <= commits_[number].index || std::exchange(commit.is_gone, true)) continue;
    if (commit.has_returned) complain("returned and is not built on", other);
    history_.withdraw(commit.index, stop);
  }
}

void Retelling::begin(std::uint64_t number, std::uint64_t before, std::size_t stop) {
  Tables tables = history_.tables(commits_[before].index);
  for (const Change& change : changes_of(script_, number)) {
    if (change.value)
      tables[change.table][change.key] = *change.value;
    else
      tables[change.table].erase(change.key);
  }
  commits_[number].index = history_.begin(std::move(tables), stop);
}

void Retelling::complain(const char* what, std::uint64_t number) {
  complaints_.push_back("commit " + std::to_string(number) + " " + what);
}

// ---- SharedRun

SharedRun::SharedRun(const SharedScript& script)
    : script_(script),
      path_(directory_ / data_file),
      tape_(directory_ / "tape"),
      seats_(script.seat_count) {}

Playback SharedRun::play_script() {
  for (std::size_t index = 0; index < script_.steps.size(); ++index) take(index);
  settle();
  seats_.clear();  // who is left is killed
  return play(directory_ / "tape");
}

void SharedRun::take(std::size_t index) {
  const Step& step = script_.steps[index];
  Seat& seat = seats_[step.seat];
  if (seat.state != Seat::State::idle) settle();
  if (!seat.process) fill(seat);
  const bool may_halt =
      step.is_to_halt && !is_anybody(Seat::State::busy) && !is_anybody(Seat::State::halted);
  seat.dies_halted = step.dies_halted;
  seat.wires->orders.send(index * 2 + (may_halt ? 1 : 0));
  seat.state = Seat::State::busy;
  listen(seat);
}

/// Who has halted goes on, or dies; then everybody comes to the end of his step.
void SharedRun::settle() {
  for (Seat& seat : seats_) {
    if (seat.state != Seat::State::halted) continue;
    if (seat.dies_halted) {
      seat.process->kill();
      ++death_count_;
      seat = {};
    } else {
      seat.wires->orders.send(0);
      seat.state = Seat::State::busy;
    }
  }
  for (Seat& seat : seats_)
    while (seat.state == Seat::State::busy) listen(seat);
}

void SharedRun::fill(Seat& seat) {
  const bool is_alone = std::ranges::none_of(seats_, [](auto& other) { return !!other.process; });
  const auto rank = is_alone ? Sharer::Rank::first : Sharer::Rank::other;
  seat.wires = std::make_unique<Wires>();
  seat.process = std::make_unique<ChildProcess>([&, rank] {
    Sharer::run(script_, tape_, path_, *seat.wires, rank);
    return 0;
  });
  seat.wires->events.only_receive();
}

/// To one thing that the process tells; or to its end.
void SharedRun::listen(Seat& seat) {
  const auto event = seat.wires->events.receive();
  if (!event) return end(seat);
  if (static_cast<Event>(*event) == Event::is_done) seat.state = Seat::State::idle;
  if (static_cast<Event>(*event) == Event::halted) seat.state = Seat::State::halted;
}

/// What it held is free when this returns.
void SharedRun::end(Seat& seat) {
  const int status = seat.process->wait();
  if (status == -SIGKILL)
    ++death_count_;
  else if (status != 0)
    complaints_.push_back("a process ended with status " + std::to_string(status));
  seat = {};
}

bool SharedRun::is_anybody(Seat::State state) const {
  return std::ranges::any_of(seats_, [&](auto& seat) { return seat.state == state; });
}

}  // namespace quire::test
