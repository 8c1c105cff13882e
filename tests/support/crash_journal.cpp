// Making images of a recorded run.
//
// A stage holds the files as they surely are on the disk; an image is made by laying versions of
// blocks over them, and taken back by putting the durable blocks there again, so an image costs as
// much as what was not synced and not as much as the files.
#include "support/crash_journal.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <unordered_set>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/file/region.hpp"
#include "support/crash_disk.hpp"

namespace quire::test {

class CrashImage::Stage {
 public:
  Stage(const Replay& replay, const OpenQuestions& open, Machine machine);

  void lay(const Choice& choice);
  void take_back(const Choice& choice);
  std::unique_ptr<CrashDisk> mount(const Choice& choice);
  [[nodiscard]] std::optional<Bytes> content(const Choice& choice, const std::string& name) const;
  [[nodiscard]] const OpenQuestions& open() const { return open_; }

 private:
  [[nodiscard]] std::uint64_t size(const Choice& choice, FileNo file) const {
    return (*open_.sizes[file])[choice.sizes[file]];
  }
  std::byte* address_of(const OpenQuestions::Block& block) {
    return regions_[block.file].data() + std::size_t{block.block} * block_size;
  }

  const Replay& replay_;
  const OpenQuestions& open_;
  const Machine machine_;
  std::deque<Region> regions_;  // of each file
};

CrashImage::Stage::Stage(const Replay& replay, const OpenQuestions& open, Machine machine)
    : replay_(replay), open_(open), machine_(machine) {
  for (const FileHistory& file : replay.files()) {
    Region& region = regions_.emplace_back(Region::take(machine.file_capacity).value());
    region.assign(file.durable());
    region.resize(std::max<std::uint64_t>(region.size(), file.largest_size()));
  }
}

void CrashImage::Stage::lay(const Choice& choice) {
  for (std::size_t index = 0; index < open_.blocks.size(); ++index) {
    const auto& block = open_.blocks[index];
    for (std::size_t sector = 0; sector < sectors_per_block; ++sector) {
      const std::size_t version = choice.blocks[index][sector];
      if (version == 0) continue;
      const std::byte* const source = (*block.versions)[version - 1].content->data();
      std::memcpy(address_of(block) + sector * sector_size, source + sector * sector_size,
                  sector_size);
    }
  }
}

void CrashImage::Stage::take_back(const Choice& choice) {
  for (std::size_t index = 0; index < open_.blocks.size(); ++index) {
    if (choice.blocks[index] == Sectors{}) continue;
    const auto& block = open_.blocks[index];
    const Bytes durable = replay_.files()[block.file].durable();
    const std::size_t start = std::min(durable.size(), std::size_t{block.block} * block_size);
    const Bytes known = durable.subspan(start, std::min(block_size, durable.size() - start));
    copy_bytes(address_of(block), known);
    std::memset(address_of(block) + known.size(), 0, block_size - known.size());
  }
}

std::unique_ptr<CrashDisk> CrashImage::Stage::mount(const Choice& choice) {
  Machine next_boot = machine_;
  ++next_boot.boot;
  auto disk = std::make_unique<CrashDisk>(next_boot);
  for (const auto& [name, file] : open_.names[choice.names]) {
    disk->lend(name, regions_[file], size(choice, file));
  }
  return disk;
}

std::optional<Bytes> CrashImage::Stage::content(const Choice& choice,
                                                const std::string& name) const {
  const Names& names = open_.names[choice.names];
  const auto found = names.find(name);
  if (found == names.end()) return std::nullopt;
  return Bytes(regions_[found->second].data(), size(choice, found->second));
}

std::unique_ptr<CrashDisk> CrashImage::mount() { return stage_.mount(choice_); }

std::optional<Bytes> CrashImage::content(const std::string& name) const {
  return stage_.content(choice_, name);
}

std::string CrashImage::describe() const { return test::describe(stage_.open(), choice_); }

CrashJournal::CrashJournal(Recording recording, Machine machine)
    : recording_(std::make_unique<const Recording>(std::move(recording))), machine_(machine) {
  for (std::size_t index = 0; index < recording_->operations.size(); ++index) {
    if (recording_->operations[index].is_stop()) stops_.push_back(index);
  }
}

CrashJournal::CrashJournal(CrashJournal&&) noexcept = default;
CrashJournal::~CrashJournal() = default;

std::string CrashJournal::describe_stop(std::size_t stop) const {
  if (stop == stops_.size()) return "after everything";
  const Operation& operation = recording_->operations[stops_[stop]];
  using enum Operation::Kind;
  if (operation.kind == begin_sync) return "sync of file " + std::to_string(operation.file);
  if (operation.kind == begin_directory_sync) return "sync of the directory";
  return "write of " + std::to_string(operation.length) + " bytes at " +
         std::to_string(operation.offset) + " of file " + std::to_string(operation.file);
}

/// A write in progress is one more that is not synced, and a sync in progress has promised nothing
/// yet; so in either case the stop's own operation is applied.
const Replay& CrashJournal::replay_to(std::size_t stop) {
  QUIRE_ASSERT(stop < stop_count());
  const std::size_t count =
      stop == stops_.size() ? recording_->operations.size() : stops_[stop] + 1;
  if (!replay_ || replay_->position() > count) replay_ = std::make_unique<Replay>(*recording_);
  replay_->advance_to(count);
  return *replay_;
}

std::size_t CrashJournal::for_each_image(std::size_t stop, const Budget& budget,
                                         const Visitor& visit) {
  const Replay& replay = replay_to(stop);
  const OpenQuestions open(replay);
  CrashImage::Stage stage(replay, open, machine_);
  std::unordered_set<std::uint64_t> seen;
  const auto show = [&](const Choice& choice) {
    if (!seen.insert(fingerprint(open, choice)).second) return;
    stage.lay(choice);
    CrashImage image(stage, choice);
    visit(image);
    stage.take_back(choice);
  };
  if (open.image_count(budget.exhaustive_limit + 1) <= budget.exhaustive_limit) {
    Choice choice = nothing_reached(open);
    do show(choice);
    while (next_choice(open, choice));
  }
  for (std::size_t index = 0; index < budget.samples; ++index) {
    show(sample_choice(open, index, budget.seed + stop));
  }
  return seen.size();
}

}  // namespace quire::test
