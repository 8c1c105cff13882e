#include "quire/engine/txn/run_writer.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "quire/engine/base/prefetch.hpp"

namespace quire {
namespace {

/// Runs up to this size are gathered, up to so many bytes; longer ones are worth a call each.
constexpr std::size_t gathered_run_size = std::size_t{32} << 10;
constexpr std::size_t gathered_size = std::size_t{1} << 20;

/// The bytes of tree pages that one call writes at most. A system may keep what one call appended
/// in one piece of its cache, and then later writes of single pages in it cost in proportion to
/// the whole piece (ext4: four times as much in pieces of a MiB). Also, what was just sealed is
/// still in the processor's cache when it is written.
constexpr std::size_t most_written_at_once = 64 << 10;
static_assert(most_written_at_once >= layout::max_page_size);

/// Behind the first page: as long as pages follow each other in memory too, they are one piece.
void add_page(std::vector<Bytes>& pieces, Bytes page) {
  if (!pieces.empty() && pieces.back().data() + pieces.back().size() == page.data())
    pieces.back() = {pieces.back().data(), pieces.back().size() + page.size()};
  else
    pieces.push_back(page);
}

/// Of the pages that one call writes, those that may not be sealed where they are.
class Copies {
 public:
  void clear() { used_ = 0; }
  [[nodiscard]] MutableBytes add(Bytes page) {
    if (!room_) room_ = std::make_unique_for_overwrite<std::byte[]>(most_written_at_once);
    const MutableBytes copy(room_.get() + used_, page.size());
    copy_bytes(copy.data(), page);
    used_ += page.size();
    return copy;
  }

 private:
  std::unique_ptr<std::byte[]> room_;
  std::size_t used_ = 0;
};

}  // namespace

Status write_pages(Writer& writer, const TreePlacer& placer, SyncComes comes) {
  const std::vector<PlacedPage>& pages = placer.placed();
  std::vector<Bytes> pieces;
  Copies copies;
  for (std::size_t begin = 0; begin < pages.size();) {
    pieces.clear();
    copies.clear();
    const PageNo first = pages[begin].number;
    const std::size_t most = begin + most_written_at_once / pages[begin].bytes.size();
    std::size_t end = begin;
    for (; end < std::min(most, pages.size()); ++end) {
      if (pages[end].number != first.after(static_cast<std::uint32_t>(end - begin))) break;
      if (end + 1 < pages.size())
        prefetch(pages[end + 1].bytes.data(), pages[end + 1].bytes.size());
      const MutableBytes bytes =
          pages[end].is_seen ? copies.add(pages[end].bytes) : pages[end].bytes;
      placer.seal(pages[end], bytes);
      add_page(pieces, bytes);
    }
    if (Status done = writer.write_run(first, pieces, comes); !done) return done;
    begin = end;
  }
  return {};
}

Status write_pages(Writer& writer, PageNo first, Bytes pages, std::uint32_t page_size) {
  for (std::size_t at = 0; at < pages.size(); at += most_written_at_once) {
    const Bytes piece = pages.subspan(at, std::min(most_written_at_once, pages.size() - at));
    const PageNo page = first.after(static_cast<std::uint32_t>(at / page_size));
    if (Status done = writer.write_run(page, {&piece, 1}); !done) return done;
  }
  return {};
}

Status OverflowWriter::write(Writer& writer, Extent run, Bytes header, Bytes value) {
  const std::size_t size = std::size_t{run.count} * page_size_;
  const auto pages = static_cast<std::uint32_t>(gathered_.size() / page_size_);
  const bool is_next = !gathered_.empty() && first_.after(pages) == run.first;
  if (!is_next || gathered_.size() + size > gathered_size) {
    if (Status done = flush(writer); !done) return done;
  }
  if (size > gathered_run_size) return write_through(writer, run, header, value);
  if (gathered_.empty()) first_ = run.first;
  const std::size_t end = gathered_.size() + size;
  if (end > gathered_.capacity()) gathered_.reserve(std::min(2 * end, gathered_size));
  gathered_.insert(gathered_.end(), header.begin(), header.end());
  gathered_.insert(gathered_.end(), value.begin(), value.end());
  gathered_.resize(end);
  return {};
}

Status OverflowWriter::flush(Writer& writer) {
  if (gathered_.empty()) return {};
  const Bytes piece(gathered_);
  Status done = writer.write_run(first_, {&piece, 1});
  gathered_.clear();
  return done;
}

Status OverflowWriter::write_through(Writer& writer, Extent run, Bytes header, Bytes value) const {
  const std::size_t used = header.size() + value.size();
  const std::size_t rest = std::size_t{run.count} * page_size_ - used;
  const std::array<Bytes, 3> pieces = {header, value, Bytes(page_of_zeros).first(rest)};
  return writer.write_run(run.first, pieces);
}

}  // namespace quire
