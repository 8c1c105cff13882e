// The machine's files, with a call at which the process is killed.
//
// It counts what an engine asks of a data file: writes, syncs, growth, locks and their release. So
// a test can end a process at each of them in turn, before the call and after it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "quire/engine/file/posix_file.hpp"
#include "support/forwarding_files.hpp"

namespace quire::test {

/// When the process dies.
struct Death {
  std::uint64_t call = 0;  ///< the number of the call, from 1 on; 0: never
  bool is_before = true;   ///< else after it
};

class KillingFiles final : public ForwardingFiles {
 public:
  explicit KillingFiles(Death death) : ForwardingFiles(posix_file_system()), death_(death) {}

  /// Runs in front of each sync.
  std::function<void()> before_sync = [] {};

  /// Counting begins now.
  void begin() { calls_ = writes_ = 0; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] std::uint64_t writes() const { return writes_; }
  void count_write() { ++writes_; }
  /// Runs a call, unless this is the end.
  template <class Call>
  auto run(const Call& call) {
    const bool is_last = ++calls_ == death_.call;
    if (is_last && death_.is_before) die();
    auto answer = call();
    if (is_last) die();
    return answer;
  }

 private:
  [[noreturn]] static void die();
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override;

  Death death_;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> writes_ = 0;
};

}  // namespace quire::test
