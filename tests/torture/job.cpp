#include "torture/job.hpp"

namespace quire::test {

Options choose_options(Dice& dice) {
  Options options;
  options.sharing = Sharing::shared;
  options.reader_slots = torture_reader_slots;
  options.checkpoint_after = 8;
  options.log_in_slots = dice.one_in(2);
  options.poison_free_pages = dice.one_in(2);
  options.verification = dice.one_in(2) ? Verification::first_touch : Verification::always;
  if (dice.one_in(2)) options.memory_budget = 64 * std::uint64_t{layout::default_page_size};
  if (dice.one_in(2)) options.sync_after = 64 * std::uint64_t{layout::default_page_size};
  if (dice.one_in(2)) options.background_sync.interval = std::chrono::milliseconds(20);
  return options;
}

void Worker::open() {
  line_.enter(Phase::opening);
  database_.emplace(Database::open(job_.path, choose_options(dice_)).value());
}

void Worker::close() {
  line_.enter(Phase::closing);
  database_->close().value();
  database_.reset();
}

}  // namespace quire::test
