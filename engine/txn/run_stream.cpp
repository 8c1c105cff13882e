#include "quire/engine/txn/run_stream.hpp"

#include <algorithm>
#include <array>

#include "quire/engine/page/overflow.hpp"
#include "quire/engine/txn/run_writer.hpp"

namespace quire {
namespace {

/// Bytes that wait to be written in one call.
constexpr std::size_t most_gathered = 256 << 10;
static_assert(most_gathered >= layout::max_page_size);

}  // namespace

RunStream::RunStream(std::uint32_t page_size, Extent run, std::uint64_t value_length,
                     const PageIdentity& identity, FileSeed seed)
    : run_(run),
      page_size_(page_size),
      most_gathered_(std::min(most_gathered, std::size_t{run.count - 1} * page_size)),
      first_page_(std::make_unique<std::byte[]>(page_size)),
      first_page_used_(overflow_header_size),
      next_(run.first.after(1)),
      seal_({first_page_.get(), page_size}, value_length, identity, seed) {
  gathered_.reserve(most_gathered_);
}

Status RunStream::add(Writer& writer, Bytes piece) {
  seal_.add(piece);
  const Bytes front = piece.first(std::min(piece.size(), page_size_ - first_page_used_));
  copy_bytes(first_page_.get() + first_page_used_, front);
  first_page_used_ += front.size();
  const Bytes rest = piece.subspan(front.size());
  if (gathered_.size() + rest.size() > most_gathered_) return write_with(writer, rest);
  gathered_.insert(gathered_.end(), rest.begin(), rest.end());
  return {};
}

/// Writes what is gathered and of the piece as much as makes whole pages; the rest waits.
Status RunStream::write_with(Writer& writer, Bytes piece) {
  const std::size_t size = gathered_.size() + piece.size();
  const std::size_t whole = size - size % page_size_;
  const Bytes now = piece.first(whole - gathered_.size());
  const std::array<Bytes, 2> pieces = {gathered_, now};
  if (Status done = writer.write_run(next_, pieces); !done) return done;
  next_ = next_.after(static_cast<std::uint32_t>(whole / page_size_));
  const Bytes rest = piece.subspan(now.size());
  gathered_.assign(rest.begin(), rest.end());
  return {};
}

Status RunStream::finish(Writer& writer) {
  seal_.finish();
  const Bytes first(first_page_.get(), page_size_);
  const std::size_t last_used = gathered_.size() % page_size_;
  const Bytes pad = Bytes(page_of_zeros).first(last_used == 0 ? 0 : page_size_ - last_used);
  if (next_ == run_.first.after(1)) {
    const std::array<Bytes, 3> all = {first, gathered_, pad};
    return writer.write_run(run_.first, all);
  }
  if (!gathered_.empty()) {
    const std::array<Bytes, 2> last = {gathered_, pad};
    if (Status done = writer.write_run(next_, last); !done) return done;
  }
  return writer.write_run(run_.first, {&first, 1});
}

}  // namespace quire
