// Savepoint: a moment in a write transaction to which it can go back.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace quire {

class OpenTransaction;

/// A name for the moment; WriteTransaction::savepoint gives it. Copies name the same one. It may
/// outlive its transaction, and is of no use then.
class Savepoint {
 public:
  bool operator==(const Savepoint&) const = default;
  /// Whether it was taken after the other one of the same transaction, and so, if both are there,
  /// lies inside it.
  [[nodiscard]] bool is_inside(const Savepoint& other) const { return epoch_ > other.epoch_; }

 private:
  friend class OpenTransaction;
  Savepoint(std::shared_ptr<OpenTransaction*> transaction, std::uint32_t epoch)
      : transaction_(std::move(transaction)), epoch_(epoch) {}

  std::shared_ptr<OpenTransaction*> transaction_;  ///< only to be compared
  std::uint32_t epoch_;                            ///< of the arena, that began with it
};

}  // namespace quire
