// Board: the memory that a driver and its workers share, in which each worker says what it does and
// what it knows.
//
// A store into it is done when the instruction is, whatever kills the process next: so there is no
// moment at which a commit has returned, its worker is dead, and nobody knows of it for longer than
// that one store.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "quire/engine/base/ids.hpp"

namespace quire::test {

inline constexpr std::uint32_t writer_count = 2;
inline constexpr std::uint32_t reader_count = 3;
inline constexpr std::uint32_t auditor_index = writer_count + reader_count;
inline constexpr std::uint32_t line_count = auditor_index + 1;

/// What a worker is about; for saying who stands where, and where the dead were.
enum class Phase : std::uint8_t {
  starting,
  opening,
  entering,  ///< waits for the writer's place
  editing,
  committing,
  syncing,
  pinning,
  reading,
  checking,
  closing,
};
inline constexpr std::array<const char*, 10> phase_names = {
    "starting", "opening", "entering", "editing",  "committing",
    "syncing",  "pinning", "reading",  "checking", "closing"};

/// One worker's part. Only it writes there.
struct alignas(64) BoardLine {
  using Word = std::atomic<std::uint64_t>;

  Word phase{0};
  Word steps{0};      ///< transactions and looks that it came to the end of
  Word used{0};       ///< the newest transaction under which it knows pages to be written
  Word attempted{0};  ///< the newest of its own transactions that may be there
  // What it knows to be there, from commits that returned and states that it saw
  Word txn{0};
  Word durable{0};                           ///< the newest commit that it knows to be durable
  std::array<Word, writer_count> numbers{};  ///< transactions of each writer

  void enter(Phase next) { phase = static_cast<std::uint64_t>(next); }
  [[nodiscard]] const char* phase_name() const { return phase_names.at(phase); }
};
static_assert(BoardLine::Word::is_always_lock_free);

/// What must be there in whatever is looked at from now on.
struct Floor {
  TxnId used;
  TxnId txn;
  TxnId durable;
  std::array<std::uint64_t, writer_count> numbers{};
};

class Board {
 public:
  /// Makes the file, with nothing said.
  static void create(const std::string& path);

  explicit Board(const std::string& path);
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;
  ~Board();

  [[nodiscard]] BoardLine& line(std::uint32_t index) { return content_->lines[index]; }
  [[nodiscard]] const BoardLine& line(std::uint32_t index) const { return content_->lines[index]; }

  /// Odd while all readers are dead and none is started; rises with each change. The driver's.
  [[nodiscard]] BoardLine::Word& readers_out() { return content_->readers_out; }

  /// What all workers, dead ones included, know to be there.
  [[nodiscard]] Floor floor() const;

 private:
  struct Content {
    std::array<BoardLine, line_count> lines;
    BoardLine::Word readers_out{0};
  };
  Content* content_;
};

}  // namespace quire::test
