#include "torture/torture.hpp"

#include <algorithm>

namespace quire::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_interval{20};
constexpr milliseconds standing_time{1000};

Board make_board(const Scene& scene) {
  Board::create(scene.board());
  return Board(scene.board());
}

}  // namespace

// ---- The account

void Account::add(const Account& other) {
  kills += other.kills;
  freezes += other.freezes;
  restarts += other.restarts;
  full_stops += other.full_stops;
  commits += other.commits;
  looks += other.looks;
  longest_stand = std::max(longest_stand, other.longest_stand);
  for (const auto& [phase, count] : other.killed_while) killed_while[phase] += count;
}

std::string Account::describe() const {
  std::string phases;
  for (const auto& [phase, count] : killed_while)
    phases += (phases.empty() ? "" : ", ") + phase + ' ' + std::to_string(count);
  const auto stand = std::chrono::duration_cast<milliseconds>(longest_stand).count();
  return std::to_string(kills) + " kills (" + phases + "), " + std::to_string(freezes) +
         " freezes, " + std::to_string(restarts) + " restarts, " + std::to_string(full_stops) +
         " full stops; " + std::to_string(commits) + " commits acknowledged, " +
         std::to_string(looks) + " looks; nobody stood for more than " + std::to_string(stand) +
         " ms";
}

// ---- The torture

Torture::Torture(const Scene& scene, const Conditions& conditions)
    : dice_(conditions.seed), conditions_(conditions), board_(make_board(scene)) {
  for (std::uint32_t index = 0; index < line_count; ++index) {
    const bool is_reader = index >= writer_count && index < auditor_index;
    posts_.emplace_back(scene, board_, index, is_reader ? conditions.readers_see : Namespace::same);
  }
}

std::optional<std::string> Torture::run() {
  const Clock::time_point end = Clock::now() + conditions_.duration;
  start_all();
  while (Clock::now() < end && watch_for(choose_delay()) && disturb()) {
  }
  if (!breach_ && stop_all()) audit();
  return breach_;
}

Account Torture::account() const {
  Account account = account_;
  for (std::uint32_t index = 0; index < auditor_index; ++index) {
    const BoardLine& line = board_.line(index);
    if (index < writer_count)
      account.commits += line.numbers[index];
    else
      account.looks += line.steps;
  }
  for (const Post& post : posts_)
    account.longest_stand = std::max(account.longest_stand, post.longest_stand());
  return account;
}

Clock::duration Torture::choose_delay() {
  if (dice_.one_in(30)) return milliseconds(400);
  const std::uint64_t longest = dice_.one_in(2) ? 10'000 : 100'000;
  return Microseconds(1000 + dice_.below(longest));
}

bool Torture::disturb() {
  switch (dice_.below(16)) {
    case 0: return is_anybody_standing() || begin_again();
    case 1: return kill_some();
    case 2: return end_one();
    case 3:
    case 4: return freeze_one();
    case 5: return is_anybody_standing() || leave_out_readers();
    default: return kill_one();
  }
}

/// Who opens the file next finds nobody there: an auditor, or all at once.
bool Torture::begin_again() {
  if (!stop_all()) return false;
  if (!dice_.one_in(3) && !audit()) return false;
  start_all();
  return true;
}

/// All at once: killed, or asked to end.
bool Torture::stop_all() {
  const bool is_gentle = dice_.one_in(3);
  is_stopping_ = true;
  for (Post& post : posts_) {
    if (!post.is_taken()) continue;
    if (is_gentle)
      post.ask_to_end();
    else
      kill(post);
  }
  ++account_.full_stops;
  return watch_until_ended(posts_);
}

bool Torture::audit() {
  while (dice_.one_in(3))
    if (!kill_auditor()) return false;
  start(posts_[auditor_index]);
  return watch_until_ended(posts_);
}

/// In its recovery, if it is not faster.
bool Torture::kill_auditor() {
  Post& auditor = posts_[auditor_index];
  start(auditor);
  if (!watch_for(Microseconds(dice_.below(30'000)))) return false;
  if (auditor.is_taken()) kill(auditor);
  return watch_until_ended(posts_);
}

bool Torture::kill_some() {
  for (Post& post : posts_)
    if (dice_.one_in(2) && may_be_disturbed(post)) kill(post);
  return true;
}

bool Torture::end_one() {
  if (Post* const victim = choose_victim()) victim->ask_to_end();
  return true;
}

bool Torture::kill_one() {
  if (Post* const victim = choose_victim()) kill(*victim);
  return true;
}

/// Stops one wherever it is, so that the others go a long way meanwhile.
bool Torture::freeze_one() {
  Post* const victim = choose_victim();
  if (victim == nullptr) return true;
  victim->freeze();
  ++account_.freezes;
  const bool is_well = watch_for(Microseconds(dice_.below(60'000)));
  if (!is_well || !victim->is_taken()) return is_well;
  if (dice_.one_in(2))
    kill(*victim);
  else
    victim->thaw();
  return true;
}

/// Meanwhile nothing is kept for them.
bool Torture::leave_out_readers() {
  are_readers_out_ = true;
  for (Post& post : readers())
    if (post.is_taken()) kill(post);
  if (!watch_until_ended(readers())) return false;
  ++board_.readers_out();
  if (!watch_for(Microseconds(dice_.below(200'000)))) return false;
  ++board_.readers_out();
  are_readers_out_ = false;
  for (Post& post : readers()) start(post);
  return true;
}

/// Half of the time a writer: there is more to go wrong.
Post* Torture::choose_victim() {
  const std::size_t count = dice_.one_in(2) ? writer_count : posts_.size();
  std::vector<Post*> choices;
  for (Post& post : std::span(posts_).first(count))
    if (may_be_disturbed(post)) choices.push_back(&post);
  return choices.empty() ? nullptr : choices[dice_.below(choices.size())];
}

/// Who has just started is disturbed less often, so that all come to move.
bool Torture::may_be_disturbed(const Post& post) {
  if (!post.is_taken() || post.is_ending() || post.stand() > standing_time) return false;
  return post.has_moved() || dice_.one_in(2);
}

bool Torture::is_anybody_standing() const {
  return std::any_of(posts_.begin(), posts_.end(), [](const Post& post) {
    return post.is_taken() && post.stand() > standing_time;
  });
}

/// Anybody may be the first.
void Torture::start_all() {
  is_stopping_ = false;
  const std::uint64_t first = dice_.below(auditor_index);
  for (std::uint32_t count = 0; count < auditor_index; ++count)
    start(posts_[(first + count) % auditor_index]);
}

void Torture::start(Post& post) {
  post.start(dice_.number());
  ++account_.restarts;
}

void Torture::kill(Post& post) {
  ++account_.killed_while[post.phase_name()];
  ++account_.kills;
  post.kill();
}

bool Torture::watch_for(Clock::duration time) {
  const Clock::time_point end = Clock::now() + time;
  for (Clock::duration left = time; left > Clock::duration::zero(); left = end - Clock::now()) {
    ends_.wait_for(std::chrono::ceil<Microseconds>(std::min<Clock::duration>(left, look_interval)));
    if (!look()) return false;
  }
  return true;
}

bool Torture::watch_until_ended(std::span<Post> posts) {
  const auto is_taken = [](const Post& post) { return post.is_taken(); };
  while (std::any_of(posts.begin(), posts.end(), is_taken)) {
    ends_.wait_for(look_interval);
    if (!look()) return false;
  }
  return true;
}

std::span<Post> Torture::readers() { return std::span(posts_).subspan(writer_count, reader_count); }

bool Torture::is_to_be_filled(std::uint32_t index) const {
  return !is_stopping_ && (index < writer_count || !are_readers_out_);
}

/// Looks at all, and fills the posts of those that have ended.
bool Torture::look() {
  for (std::uint32_t index = 0; index < line_count; ++index) {
    Post& post = posts_[index];
    const bool was_taken = post.is_taken();
    if (const auto breach = post.look(conditions_.patience)) {
      breach_ = *breach + describe_all();
      return false;
    }
    if (was_taken && !post.is_taken() && is_to_be_filled(index)) start(post);
  }
  return true;
}

/// Who else is there, and where those are that stand.
std::string Torture::describe_all() const {
  std::string text;
  for (const Post& post : posts_) {
    if (!post.is_taken()) continue;
    const auto stand = std::chrono::duration_cast<milliseconds>(post.stand()).count();
    text += '\n' + post.describe() + ", not moved for " + std::to_string(stand) + " ms";
    if (post.stand() > standing_time) text += '\n' + post.stacks();
  }
  return text;
}

}  // namespace quire::test
