#include "quire/engine/base/log.hpp"

#include <utility>

namespace quire {
namespace {

struct EventWording {
  std::string_view name;
  LogLevel level;
  std::string_view what;
};

EventWording wording(LogEvent event) noexcept {
  using enum LogLevel;
  switch (event) {
    case LogEvent::created: return {"created", info, "made a new file"};
    case LogEvent::opened: return {"opened", info, "opened"};
    case LogEvent::recovered: return {"recovered", info, "recovered all that was written"};
    case LogEvent::rolled_back:
      return {"rolled_back", warning, "went back behind commits that are not whole"};
    case LogEvent::closed: return {"closed", info, "closed"};
    case LogEvent::close_failed: return {"close_failed", error, "could not be closed cleanly"};
    case LogEvent::stopped:
      return {"stopped", error, "commits nothing more until it is opened again"};
    case LogEvent::background_failed:
      return {"background_failed", warning, "could not be written in the background"};
    case LogEvent::taken_over:
      return {"taken_over", warning, "put in order what a killed process left"};
    case LogEvent::reader_slow: return {"reader_slow", warning, "a reader keeps an old state"};
    case LogEvent::reader_ousted: return {"reader_ousted", warning, "a reader is ousted"};
    case LogEvent::waited_long: return {"waited_long", warning, "waited long to write"};
    case LogEvent::table_migrated: return {"table_migrated", info, "migrated a table"};
    case LogEvent::table_recreated:
      return {"table_recreated", warning, "dropped a table to make it anew"};
  }
  return {"unknown", error, "unknown event"};
}

}  // namespace

std::string_view name(LogEvent event) noexcept { return wording(event).name; }
LogLevel level(LogEvent event) noexcept { return wording(event).level; }

std::string LogEntry::message() const {
  std::string text(path);
  text += ": ";
  text += wording(event).what;
  if (!detail.empty()) text += ": " + detail;
  if (txn != no_txn) text += " (transaction " + std::to_string(txn.value) + ")";
  if (cause) text += ": " + cause->message();
  return text;
}

Log::Log(const LogHook& hook, std::string_view path) {
  if (hook) listener_ = std::make_shared<const Listener>(hook, std::string(path));
}

void Log::tell(LogEntry entry) const noexcept try {
  if (!is_on()) return;
  entry.path = listener_->path;
  listener_->hook(entry);
} catch (...) {  // who listens must not change what is done
  return;
}

}  // namespace quire
