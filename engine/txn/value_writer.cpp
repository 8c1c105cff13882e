#include "quire/engine/txn/value_writer.hpp"

#include <utility>

#include "quire/engine/txn/edit_watch.hpp"
#include "quire/engine/txn/value_in_pieces.hpp"

namespace quire {
namespace {

Failure refused(std::string why) {
  return fail(Error(ErrorCode::invalid_argument).with_detail(std::move(why)));
}

}  // namespace

ValueWriter::ValueWriter(std::unique_ptr<ValueInPieces> value) : value_(std::move(value)) {}
ValueWriter::ValueWriter(ValueWriter&&) noexcept = default;
ValueWriter& ValueWriter::operator=(ValueWriter&&) noexcept = default;
ValueWriter::~ValueWriter() = default;

std::uint64_t ValueWriter::missing() const { return value_ ? value_->missing : 0; }

Status ValueWriter::check_open() const {
  if (!value_ || *value_->transaction == nullptr) return fail(ErrorCode::closed);
  return (*value_->transaction)->check_writing(*value_);
}

Status ValueWriter::write(Bytes piece) {
  if (Status open = check_open(); !open) return open;
  if (piece.size() > value_->missing)
    return refused(std::to_string(piece.size()) + " bytes came, and the value has only " +
                   std::to_string(value_->missing) + " of " + std::to_string(value_->size) +
                   " left");
  Status done = (*value_->transaction)->write_piece(*value_, piece);
  if (!done) value_.reset();
  return done;
}

Status ValueWriter::finish() {
  if (Status open = check_open(); !open) return open;
  if (value_->missing != 0)
    return refused(std::to_string(value_->missing) + " bytes of the value's " +
                   std::to_string(value_->size) + " have not come");
  const std::unique_ptr<ValueInPieces> value = std::move(value_);
  OpenTransaction& open = **value->transaction;
  return edited(open, [&] { return open.finish_value(*value); });
}

}  // namespace quire
