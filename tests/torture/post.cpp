#include "torture/post.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace quire::test {
namespace {

/// It lies beside the driver.
std::string worker_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "torture-worker";
}

}  // namespace

Post::Post(const Scene& scene, Board& board, std::uint32_t index, Namespace space)
    : scene_(scene), line_(board.line(index)), index_(index), space_(space) {}

const char* Post::role() const {
  if (index_ == auditor_index) return "auditor";
  return index_ < writer_count ? "writer" : "reader";
}

void Post::start(std::uint64_t seed) {
  line_.enter(Phase::starting);
  asked_ = index_ == auditor_index ? Asked::to_end : Asked::nothing;
  has_moved_ = false;
  steps_ = line_.steps;
  moved_ = Clock::now();
  const std::vector<std::string> command = {worker_program(),       role(),
                                            scene_.file(),          scene_.board(),
                                            std::to_string(index_), std::to_string(seed)};
  process_ = std::make_unique<Process>(command, scene_.errors_of(index_), space_);
}

void Post::kill() {
  asked_ = Asked::to_die;
  process_->send(SIGKILL);
}

void Post::ask_to_end() {
  if (asked_ == Asked::nothing) asked_ = Asked::to_end;
  process_->send(SIGTERM);
}

std::optional<std::string> Post::look(Clock::duration patience) {
  if (!process_) return std::nullopt;
  longest_stand_ = std::max(longest_stand_, stand());
  if (const std::uint64_t steps = line_.steps; steps != steps_) {
    steps_ = steps;
    has_moved_ = true;
    moved_ = Clock::now();
  }
  if (const auto end = process_->end()) {
    process_.reset();
    if (is_as_asked(*end)) return std::nullopt;
    return describe() + ", ended " + end->describe() + ":\n" + errors();
  }
  if (stand() < patience) return std::nullopt;
  return describe() + ", has not moved for too long";
}

bool Post::is_as_asked(const End& end) const {
  const bool is_clean = end.signal == 0 && end.exit_status == 0;
  if (asked_ == Asked::to_die) return end.signal == SIGKILL || is_clean;
  return asked_ == Asked::to_end && is_clean;
}

std::string Post::errors() const {
  std::ifstream file(scene_.errors_of(index_));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Post::describe() const {
  return std::string(role()) + ' ' + std::to_string(index_) + ", while " + line_.phase_name();
}

}  // namespace quire::test
