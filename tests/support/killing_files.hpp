// A file system with a call at which the process is killed.
//
// It counts what an engine asks of names and of its data file: writes, syncs, growth, locks and
// their release. So a test can end a process at each of them in turn, before the call, after it,
// and when half of a write is done.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "quire/engine/file/posix_file.hpp"
#include "support/forwarding_files.hpp"

namespace quire::test {

/// When the process dies.
struct Death {
  enum class Moment : std::uint8_t { before, within, after };
  static constexpr std::array moments{Moment::before, Moment::within, Moment::after};

  std::uint64_t call = 0;  ///< the number of the call, from 1 on; 0: never
  Moment moment = Moment::before;
};

/// The numbers of so many calls, as far as the volume goes.
std::vector<std::uint64_t> calls_to_die_at(std::uint64_t count);

/// As by kill -9.
[[noreturn]] void die();

class KillingFiles final : public ForwardingFiles {
 public:
  explicit KillingFiles(Death death, FileSystem& files = posix_file_system())
      : ForwardingFiles(files), death_(death) {}

  /// Runs in front of each sync.
  std::function<void()> before_sync = [] {};

  /// Counting begins now.
  void begin() { calls_ = writes_ = 0; }
  /// The same, for another death. While no call is made.
  void begin(Death death) {
    death_ = death;
    begin();
  }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] std::uint64_t writes() const { return writes_; }
  void count_write() { ++writes_; }
  /// Runs a call, unless this is the end; `half` is what is done of it by who dies within.
  template <class Call>
  auto run(const Call& call, const std::function<void()>& half = [] {}) {
    const bool is_last = ++calls_ == death_.call;
    if (is_last && death_.moment == Death::Moment::within) half();
    if (is_last && death_.moment != Death::Moment::after) die();
    auto answer = call();
    if (is_last) die();
    return answer;
  }

  Result<std::unique_ptr<File>> create_beside(const std::string& path) override {
    return run([&] { return ForwardingFiles::create_beside(path); });
  }
  Result<bool> publish(File& file, const std::string& path) override {
    return run([&] { return ForwardingFiles::publish(file, path); });
  }
  Status sync_directory(const std::string& path) override {
    return run([&] { return ForwardingFiles::sync_directory(path); });
  }

 private:
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override;

  Death death_;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> writes_ = 0;
};

}  // namespace quire::test
