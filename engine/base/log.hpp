// Log: what happens to an open file that no call returns, told to a hook.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "quire/engine/base/error.hpp"
#include "quire/engine/base/ids.hpp"

namespace quire {

enum class LogLevel : std::uint8_t { info, warning, error };

enum class LogEvent : std::uint8_t {
  created,            ///< a new file
  opened,             ///< a file as a clean close left it, or as others have it open
  recovered,          ///< a file that was not closed cleanly: all that was written is there
  rolled_back,        ///< the same, but the newest commits were not whole and are gone
  closed,             ///< cleanly
  close_failed,       ///< with the cause, where a destructor cannot say it
  stopped,            ///< a write failed: nothing more is committed until the file is opened again
  background_failed,  ///< commits could not be written in the background; it is tried again
  taken_over,         ///< a process was killed as it wrote, and what it left is put in order
  reader_slow,        ///< a reader has passed a soft limit
  reader_ousted,      ///< a reader has passed a hard limit
  waited_long,        ///< for the write transaction of another thread or process
  table_migrated,     ///< into a table of a newer schema
  table_recreated,    ///< a table was dropped with all its entries, as its builder said
};

/// The name of an event, as a log shows it: "rolled_back".
std::string_view name(LogEvent event) noexcept;
LogLevel level(LogEvent event) noexcept;

struct LogEntry {
  LogEvent event{};
  std::string_view path;       ///< of the file; valid while the hook is called
  TxnId txn;                   ///< of the state that it is about, if of one
  std::string detail;          ///< what there is to say besides; may be empty
  std::optional<Error> cause;  ///< what failed, if something did

  /// One line for people.
  [[nodiscard]] std::string message() const;
};

/// Called by the thread that something happens to, which may hold locks of the storage: it must not
/// use the storage, nor take long. What it throws is dropped. Several threads may be in it at once.
using LogHook = std::function<void(const LogEntry&)>;

/// A hook and the file that it hears of. Copies stand for the same; thread-safe as the hook is.
class Log {
 public:
  Log() = default;  ///< nobody listens
  Log(const LogHook& hook, std::string_view path);

  /// Whether somebody listens: what is told is made only then.
  [[nodiscard]] bool is_on() const noexcept { return listener_ != nullptr; }
  /// The path is filled in.
  void tell(LogEntry entry) const noexcept;

 private:
  struct Listener {
    LogHook hook;
    std::string path;
  };
  std::shared_ptr<const Listener> listener_;
};

}  // namespace quire
