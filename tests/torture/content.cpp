#include "torture/content.hpp"

#include <cstring>

#include "quire/engine/base/result.hpp"
#include "torture/breach.hpp"

namespace quire::test {
namespace {

std::string digits(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

/// Dice whose throws follow from what they are for.
Dice dice_for(std::uint64_t writer, std::uint64_t number, std::uint64_t part) {
  return Dice((number * writer_count + writer) * 1000 + part);
}

std::uint64_t number_at(Bytes bytes, std::size_t offset) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof(number));
  return number;
}

std::string bytes_of_number(std::uint64_t number) {
  std::string bytes(sizeof(number), '\0');
  std::memcpy(bytes.data(), &number, sizeof(number));
  return bytes;
}

/// A cursor on its way through a state, which must find what is expected next.
class Walk {
 public:
  explicit Walk(Cursor& cursor) : cursor_(cursor), is_on_(cursor_.seek_first().value()) {}

  [[nodiscard]] bool is_at(const std::string& key) {
    return is_on_ && as_text(cursor_.key()) == key;
  }
  /// The value under this key, which must be the next one.
  Bytes take(const std::string& key) {
    demand(is_at(key), [&] { return "there is " + here() + " in the place of " + key; });
    const Bytes bytes = cursor_.value().value();
    is_on_ = cursor_.next().value();
    return bytes;
  }
  void demand_end() {
    demand(!is_on_, [&] { return "there is " + here() + ", which nobody has put"; });
  }

 private:
  std::string here() { return is_on_ ? std::string(as_text(cursor_.key())) : "nothing"; }

  Cursor& cursor_;
  bool is_on_;
};

void read_entries(Walk& walk, std::uint32_t writer, std::uint64_t number,
                  std::vector<Piece>& pieces) {
  const std::uint32_t parts = part_count(writer, number);
  for (std::uint32_t part = 0; part < parts; ++part) {
    const std::string key = entry_key(writer, number, part);
    const Piece piece = {walk.take(key), recipe_of(writer, number, part)};
    demand(is_made_of(piece.bytes, piece.recipe),
           [&] { return "the bytes under " + key + " are not those that were put"; });
    pieces.push_back(piece);
  }
}

Window read_window(Walk& walk, std::uint32_t writer, std::vector<Piece>& pieces) {
  if (!walk.is_at(count_key(writer))) return {};
  const Window window = window_of(walk.take(count_key(writer)));
  for (std::uint64_t number = window.first; number <= window.last; ++number)
    read_entries(walk, writer, number, pieces);
  return window;
}

std::string describe(std::uint32_t writer, std::uint64_t found, const char* than,
                     std::uint64_t bound) {
  return "writer " + std::to_string(writer) + " is at " + std::to_string(found) + than +
         std::to_string(bound);
}

}  // namespace

std::string total_key() { return "total"; }

std::string count_key(std::uint32_t writer) {
  return "worker/" + std::to_string(writer) + "/count";
}

std::string entry_key(std::uint32_t writer, std::uint64_t number, std::uint32_t part) {
  return "worker/" + std::to_string(writer) + "/entry/" + digits(number, 10) + '/' +
         digits(part, 3);
}

std::uint32_t part_count(std::uint32_t writer, std::uint64_t number) {
  Dice dice = dice_for(writer, number, 999);
  const std::uint64_t count = dice.one_in(40) ? 20 + dice.below(100) : 1 + dice.below(6);
  return static_cast<std::uint32_t>(count);
}

Recipe recipe_of(std::uint32_t writer, std::uint64_t number, std::uint32_t part) {
  Dice dice = dice_for(writer, number, part);
  const std::uint64_t size = dice.one_in(12) ? dice.below(48'000) : dice.mostly_small(1200);
  return {dice.number(), 8 + size};
}

std::string bytes_of(const Window& window) {
  return bytes_of_number(window.first) + bytes_of_number(window.last);
}

std::string bytes_of(std::uint64_t total) { return bytes_of_number(total); }

Window window_of(Bytes bytes) {
  demand(bytes.size() == 16, "a count is not as long as counts are");
  return {number_at(bytes, 0), number_at(bytes, 8)};
}

std::uint64_t total_of(const Windows& windows) {
  std::uint64_t total = 0;
  for (const Window& window : windows) total += window.last;
  return total;
}

Content read_content(Cursor&& cursor) {
  Content content;
  Walk walk(cursor);
  const std::uint64_t total = walk.is_at(total_key()) ? number_at(walk.take(total_key()), 0) : 0;
  for (std::uint32_t writer = 0; writer < writer_count; ++writer)
    content.windows[writer] = read_window(walk, writer, content.pieces);
  walk.demand_end();
  demand(total == total_of(content.windows), [&] {
    return "the counts add up to " + std::to_string(total_of(content.windows)) +
           ", and not to the total of " + std::to_string(total);
  });
  return content;
}

Content read_snapshot(const Snapshot& snapshot) {
  const auto table = snapshot.table(table_name).value();
  return table ? read_content(snapshot.cursor(table->root)) : Content{};
}

void demand_above(const Floor& floor, TxnId txn, const Windows& windows) {
  demand(txn >= floor.txn, [&] {
    return "a state of transaction " + std::to_string(txn.value) + " after one of " +
           std::to_string(floor.txn.value) + " was there";
  });
  for (std::uint32_t writer = 0; writer < writer_count; ++writer) {
    demand(windows[writer].last >= floor.numbers[writer], [&] {
      return describe(writer, windows[writer].last, ", but is known to have committed ",
                      floor.numbers[writer]);
    });
  }
}

void demand_attempted(const Board& board, const Windows& windows) {
  for (std::uint32_t writer = 0; writer < writer_count; ++writer) {
    const std::uint64_t attempted = board.line(writer).attempted;
    demand(windows[writer].last <= attempted, [&] {
      return describe(writer, windows[writer].last, ", but has not tried more than ", attempted);
    });
  }
}

}  // namespace quire::test
