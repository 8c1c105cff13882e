// Enumerating and sampling what a power cut may leave.
#include "support/crash_choice.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <set>
#include <utility>

#include "quire/engine/base/checksum.hpp"

namespace quire::test {
namespace {

/// Databases keep their few most important blocks at the front: losing just these, or just the
/// others, is worth a try at every cut.
constexpr std::uint64_t front_size = 64 * 1024;

/// splitmix64: small, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9E37'79B9'7F4A'7C15;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58'476D'1CE4'E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EB;
    return mixed ^ (mixed >> 31);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool coin() { return next() >> 63 != 0; }

 private:
  std::uint64_t state_;
};

/// Makes one choice of a kind.
class Sampler {
 public:
  Sampler(const OpenQuestions& open, std::uint64_t seed)
      : open_(open), random_(seed), choice_(nothing_reached(open)) {
    std::set<std::size_t> writes;
    for (const auto& block : open.blocks) {
      for (const auto& version : *block.versions) writes.insert(version.operation);
    }
    writes_.assign(writes.begin(), writes.end());
    choose_sizes_and_names();
  }

  Choice take(std::string_view reason) {
    choice_.reason = reason;
    return std::move(choice_);
  }

  void nothing() {}
  void everything() {
    set_all([](const auto& block) { return block.versions->size(); });
  }
  void front_only() {
    set_all([](const auto& block) { return is_front(block) ? block.versions->size() : 0; });
  }
  void all_but_front() {
    set_all([](const auto& block) { return is_front(block) ? 0 : block.versions->size(); });
  }
  void last_write_only() { only_write(writes_.size() - 1); }
  void all_but_last_write() { all_but_write(writes_.size() - 1); }
  void one_block() { choose_newest(random_.below(open_.blocks.size())); }
  void all_but_one_block() {
    everything();
    choice_.set_block(random_.below(open_.blocks.size()), 0);
  }
  void one_write() { only_write(random_.below(writes_.size())); }
  void all_but_one_write() { all_but_write(random_.below(writes_.size())); }
  void writes_in_order() {
    const std::size_t last = writes_[random_.below(writes_.size())];
    set_all([&](const auto& block) { return version_up_to(block, last); });
  }
  void any_blocks() {
    set_all([&](const auto& block) { return random_.below(block.versions->size() + 1); });
  }
  void one_torn_block() {
    if (random_.coin()) everything();
    tear(random_.below(open_.blocks.size()));
  }
  void all_torn() {
    for (std::size_t index = 0; index < open_.blocks.size(); ++index) tear(index);
  }

 private:
  static bool is_front(const OpenQuestions::Block& block) {
    return std::uint64_t{block.block} * block_size < front_size;
  }

  /// The last version of a block that was written by this operation or an earlier one.
  static std::size_t version_up_to(const OpenQuestions::Block& block, std::size_t operation) {
    const auto later = std::ranges::find_if(
        *block.versions, [&](const auto& version) { return version.operation > operation; });
    return static_cast<std::size_t>(later - block.versions->begin());
  }

  template <class Version>
  void set_all(Version version) {
    for (std::size_t index = 0; index < open_.blocks.size(); ++index) {
      choice_.set_block(index, version(open_.blocks[index]));
    }
  }

  void choose_newest(std::size_t index) {
    choice_.set_block(index, open_.blocks[index].versions->size());
  }

  void only_write(std::size_t index) {
    const std::size_t operation = writes_[index];
    set_all([&](const auto& block) {
      const std::size_t version = version_up_to(block, operation);
      return version != 0 && (*block.versions)[version - 1].operation == operation ? version : 0;
    });
  }

  /// As if the write had never been; where a later one covers it, that one is there.
  void all_but_write(std::size_t index) {
    const std::size_t operation = writes_[index];
    set_all([&](const auto& block) {
      const std::size_t newest = block.versions->size();
      return block.versions->back().operation == operation ? newest - 1 : newest;
    });
  }

  void tear(std::size_t index) {
    for (auto& version : choice_.blocks[index]) {
      version = static_cast<std::uint16_t>(random_.below(open_.blocks[index].versions->size() + 1));
    }
  }

  /// Mostly the newest, so that what the blocks hold is seen.
  void choose_sizes_and_names() {
    for (std::size_t file = 0; file < open_.sizes.size(); ++file) {
      choice_.sizes[file] = mostly_last(open_.sizes[file]->size());
    }
    choice_.names = mostly_last(open_.names.size());
  }

  std::size_t mostly_last(std::size_t count) {
    return random_.below(4) == 0 ? random_.below(count) : count - 1;
  }

  const OpenQuestions& open_;
  Random random_;
  Choice choice_;
  std::vector<std::size_t> writes_;  // the unsynced ones, in order
};

struct Kind {
  std::string_view reason;
  void (Sampler::*choose)();
};

/// Tried in this order; from the seventh on again and again.
constexpr Kind kinds[] = {
    {"everything reached the disk", &Sampler::everything},
    {"nothing reached the disk", &Sampler::nothing},
    {"all but the last write", &Sampler::all_but_last_write},
    {"the last write only", &Sampler::last_write_only},
    {"all but the front of the file", &Sampler::all_but_front},
    {"the front of the file only", &Sampler::front_only},
    {"one torn block", &Sampler::one_torn_block},
    {"all but one block", &Sampler::all_but_one_block},
    {"any blocks", &Sampler::any_blocks},
    {"writes in order up to one", &Sampler::writes_in_order},
    {"all but one write", &Sampler::all_but_one_write},
    {"one block only", &Sampler::one_block},
    {"every block torn", &Sampler::all_torn},
    {"one write only", &Sampler::one_write},
};
constexpr std::size_t once_count = 6;

Kind kind_of_sample(std::size_t index) {
  if (index < once_count) return kinds[index];
  return kinds[once_count + (index - once_count) % (std::size(kinds) - once_count)];
}

/// Counts one digit up; false when it wraps to 0.
template <class Digit>
bool step(Digit& digit, std::size_t last) {
  digit = static_cast<Digit>(digit == last ? 0 : digit + 1);
  return digit != 0;
}

bool step_blocks(const OpenQuestions& open, Choice& choice) {
  for (std::size_t index = 0; index < open.blocks.size(); ++index) {
    std::uint16_t version = choice.blocks[index].front();
    const bool has_stepped = step(version, open.blocks[index].versions->size());
    choice.set_block(index, version);
    if (has_stepped) return true;
  }
  return false;
}

bool step_sizes_and_names(const OpenQuestions& open, Choice& choice) {
  for (std::size_t file = 0; file < open.sizes.size(); ++file) {
    if (step(choice.sizes[file], open.sizes[file]->size() - 1)) return true;
  }
  return step(choice.names, open.names.size() - 1);
}

bool has_name(const Names& names, FileNo file) {
  return std::ranges::any_of(names, [&](const auto& entry) { return entry.second == file; });
}

/// Whether everything that the choice puts on the disk can be read there.
bool shows_all(const OpenQuestions& open, const Choice& choice) {
  const Names& names = open.names[choice.names];
  for (std::size_t file = 0; file < open.sizes.size(); ++file) {
    if (choice.sizes[file] != 0 && !has_name(names, static_cast<FileNo>(file))) return false;
  }
  for (std::size_t index = 0; index < open.blocks.size(); ++index) {
    const auto& block = open.blocks[index];
    if (choice.blocks[index].front() == 0) continue;
    const std::uint64_t size = (*open.sizes[block.file])[choice.sizes[block.file]];
    if (size <= std::uint64_t{block.block} * block_size) return false;
    if (!has_name(names, block.file)) return false;
  }
  return true;
}

}  // namespace

OpenQuestions::OpenQuestions(const Replay& replay) {
  for (std::size_t file = 0; file < replay.files().size(); ++file) {
    const FileHistory& history = replay.files()[file];
    sizes.push_back(&history.sizes());
    for (const auto& [block, dirty] : history.dirty()) {
      blocks.push_back({static_cast<FileNo>(file), block, &dirty.versions});
    }
  }
  for (std::size_t count = 0; count <= replay.unsynced_name_count(); ++count) {
    names.push_back(replay.names_after(count));
  }
}

std::size_t OpenQuestions::image_count(std::size_t limit) const {
  std::size_t count = 1;
  const auto multiply = [&](std::size_t factor) { count = std::min(limit, count * factor); };
  multiply(names.size());
  for (const auto* file_sizes : sizes) multiply(file_sizes->size());
  for (const Block& block : blocks) multiply(block.versions->size() + 1);
  return count;
}

Choice nothing_reached(const OpenQuestions& open) {
  Choice choice;
  choice.reason = "one of all";
  choice.blocks.resize(open.blocks.size());
  choice.sizes.resize(open.sizes.size());
  return choice;
}

bool next_choice(const OpenQuestions& open, Choice& choice) {
  do {
    if (!step_blocks(open, choice) && !step_sizes_and_names(open, choice)) return false;
  } while (!shows_all(open, choice));
  return true;
}

Choice sample_choice(const OpenQuestions& open, std::size_t index, std::uint64_t seed) {
  Sampler sampler(open, seed ^ (index * 0x2545'F491'4F6C'DD1D));
  const Kind kind = kind_of_sample(index);
  if (!open.blocks.empty()) (sampler.*kind.choose)();
  return sampler.take(kind.reason);
}

std::uint64_t fingerprint(const OpenQuestions& open, const Choice& choice) {
  const Names& names = open.names[choice.names];
  std::vector<std::uint64_t> facts = {choice.names};
  for (std::size_t file = 0; file < open.sizes.size(); ++file) {
    const bool is_shown = has_name(names, static_cast<FileNo>(file));
    facts.push_back(is_shown ? (*open.sizes[file])[choice.sizes[file]] : 0);
  }
  for (std::size_t index = 0; index < open.blocks.size(); ++index) {
    const auto& block = open.blocks[index];
    const bool is_shown = std::uint64_t{block.block} * block_size < facts[1 + block.file];
    const auto sectors = std::bit_cast<std::array<std::uint64_t, 2>>(choice.blocks[index]);
    facts.push_back(is_shown ? sectors[0] : 0);
    facts.push_back(is_shown ? sectors[1] : 0);
  }
  return checksum64(std::as_bytes(std::span(facts)), 0);
}

std::string describe(const OpenQuestions& open, const Choice& choice) {
  std::string text(choice.reason);
  text += "; " + std::to_string(choice.names) + " of " + std::to_string(open.names.size() - 1) +
          " changes of names";
  for (std::size_t file = 0; file < open.sizes.size(); ++file) {
    text += "; file " + std::to_string(file) + " has " +
            std::to_string((*open.sizes[file])[choice.sizes[file]]) + " bytes";
  }
  for (std::size_t index = 0; index < open.blocks.size(); ++index) {
    const auto& block = open.blocks[index];
    text += "; block " + std::to_string(block.file) + ":" + std::to_string(block.block) + " of " +
            std::to_string(block.versions->size()) + ":";
    for (const auto version : choice.blocks[index]) text += " " + std::to_string(version);
  }
  return text;
}

}  // namespace quire::test
