// The machine's files, with a call at which the process is killed.
//
// It counts what an engine asks of a data file: writes, syncs, growth, locks and their release. So
// a test can end a process at each of them in turn, before the call and after it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "quire/engine/file/file.hpp"

namespace quire::test {

/// When the process dies.
struct Death {
  std::uint64_t call = 0;  ///< the number of the call, from 1 on; 0: never
  bool is_before = true;   ///< else after it
};

class KillingFiles final : public FileSystem {
 public:
  explicit KillingFiles(Death death) : death_(death) {}

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

  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override;
  Result<std::unique_ptr<File>> create_beside(const std::string& path) override;
  Result<bool> publish(File& file, const std::string& path) override;
  Status replace(File& file, const std::string& path) override;
  void discard(File& file) noexcept override;
  Status sync_directory(const std::string& path) override;
  [[nodiscard]] bool can_share() const override { return true; }
  [[nodiscard]] BootId boot_id() const override;
  std::array<std::uint8_t, 16> unique_bytes() override;
  [[nodiscard]] std::uint64_t now() const override;

 private:
  [[noreturn]] static void die();
  Result<std::unique_ptr<File>> wrap(Result<std::unique_ptr<File>> file);

  Death death_;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> writes_ = 0;
};

}  // namespace quire::test
