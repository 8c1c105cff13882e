// The machine's files, of which a test hears each call that an engine makes on them.
//
// It can act there, or throw: all that happens in the midst of something else is made to happen so,
// and at each such place in turn.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "quire/engine/file/posix_file.hpp"
#include "quire/engine/page/layout.hpp"
#include "support/forwarding_files.hpp"

namespace quire::test {

/// What an engine asks of a data file.
struct FileCall {
  enum class Kind : std::uint8_t { size, grow, truncate, write, sync, lock, unlock };
  Kind kind;
  std::uint64_t offset = 0;              ///< of a write
  LockPlace place = LockPlace::opening;  ///< of a lock
  std::uint64_t number = 0;              ///< from 1 on

  [[nodiscard]] bool is_lock_of(LockPlace wanted) const {
    return kind == Kind::lock && place == wanted;
  }
  [[nodiscard]] bool is_slot_write() const {
    return kind == Kind::write && offset < layout::meta_area_size;
  }
  [[nodiscard]] bool is_page_write() const {
    return kind == Kind::write && offset >= layout::meta_area_size;
  }
};

class WatchedFiles final : public ForwardingFiles {
 public:
  WatchedFiles() : ForwardingFiles(posix_file_system()) {}

  using Act = std::function<void(const FileCall&)>;
  // Acts run on the thread that makes the call. What one before it throws is what the call throws.
  void act_before(Act act) { before_ = std::move(act); }
  void act_after(Act act) { after_ = std::move(act); }
  void act_nowhere() {
    before_ = after_ = [](const FileCall&) {};
  }

  /// Calls are numbered from here on.
  void begin() { calls_ = 0; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

  template <class Run>
  auto run(FileCall call, const Run& run) {
    call.number = ++calls_;
    before_(call);
    auto answer = run();
    after_(call);
    return answer;
  }

 private:
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override;

  Act before_ = [](const FileCall&) {};
  Act after_ = before_;
  std::atomic<std::uint64_t> calls_ = 0;
};

}  // namespace quire::test
