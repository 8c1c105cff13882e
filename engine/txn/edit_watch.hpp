// edited: an edit that an exception ends (no memory) is half done, as after a failure.
#pragma once

#include "quire/engine/txn/open_transaction.hpp"

namespace quire {

/// Breaks its transaction off unless it hears of the end.
class EditWatch {
 public:
  explicit EditWatch(OpenTransaction& open) : open_(open) {}
  EditWatch(const EditWatch&) = delete;
  EditWatch& operator=(const EditWatch&) = delete;
  ~EditWatch() {
    if (!is_over_) open_.break_off();
  }
  void end() { is_over_ = true; }

 private:
  OpenTransaction& open_;
  bool is_over_ = false;
};

template <class Edit>
auto edited(OpenTransaction& open, const Edit& edit) {
  EditWatch watch(open);
  auto result = edit();
  watch.end();
  return result;
}

}  // namespace quire
