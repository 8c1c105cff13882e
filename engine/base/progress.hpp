// Progress: how far work is that takes its time, for those who wait for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace quire {

/// What takes its time.
enum class Work : std::uint8_t {
  loading,    ///< a bulk load, in entries: those in the table, of those given so far
  copying,    ///< a backup, in entries
  migrating,  ///< a table of an older schema, in its entries
  checking,   ///< a file, in pages
};

struct Progress {
  Work work = Work::loading;
  std::string table;        ///< that is worked at; empty: it is about the whole file
  std::uint64_t done = 0;   ///< never less than it was
  std::uint64_t total = 0;  ///< at least done
};

/// Called now and then by the thread that works, and at the end with done == total. It must not use
/// the transaction that is at work; what it throws comes out of the call that works.
using ProgressHook = std::function<void(const Progress&)>;

}  // namespace quire
