// Opening: what one call of Database::open gave, with its own access, durability and end.
//
// Openings of one file of the operating system share one Core in this process, whatever path they
// came by: two engines over one file would lock each other out.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/txn/core.hpp"

namespace quire {

/// Thread-safe.
class Opening {
 public:
  /// Fails as Database::open does.
  static Result<std::shared_ptr<Opening>> open(const std::string& path, const Options& options);

  /// is_shared: others may join it.
  Opening(std::shared_ptr<Core> core, const Options& options, bool is_shared);
  ~Opening();
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;

  [[nodiscard]] const std::shared_ptr<Core>& core() const noexcept { return core_; }
  /// The core's, but for what each opening has of its own.
  [[nodiscard]] const Options& options() const noexcept { return options_; }
  [[nodiscard]] bool is_closed() const noexcept {
    return is_closed_.load(std::memory_order_acquire);
  }

  /// Makes all commits durable; the last opening closes the core. busy: a write transaction keeps
  /// that open, or resident commits from the file, and this opening is open with it.
  Status close();

 private:
  Status close_core();

  std::shared_ptr<Core> core_;
  Options options_;
  const bool is_shared_;
  std::atomic<bool> is_closed_{false};
};

}  // namespace quire
