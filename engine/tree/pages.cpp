#include "quire/engine/tree/pages.hpp"

#include <string>

#include "quire/engine/page/leaf_view.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/page/verify.hpp"

namespace quire {
namespace {

Error damaged(PageNo page, std::string what) {
  Error error(ErrorCode::corrupt);
  error.with_page(page).with_detail(std::move(what));
  return error;
}

}  // namespace

bool Pages::verify(PageNo page, const std::byte* bytes) const {
  if (check_page({bytes, page_size_}, page, seed_)) return false;
  if (check_ == Check::first_touch) tags_->pages.set_verified(page, PageView(bytes, 0).born());
  return true;
}

Error Pages::explain(PageRef ref, const Expected& expected) const {
  const PageNo page = ref.number();
  if (page >= page_count_) return damaged(page, "a reference leads beyond the end of the pages");
  const std::byte* bytes = unchecked(page);
  if (const auto defect = check_page({bytes, page_size_}, page, seed_))
    return damaged(page, std::string(name(*defect)));
  const PageView view(bytes, page_size_);
  if (view.table() != expected.table) return damaged(page, "a page belongs to another table");
  if (view.born() > expected.newest) return damaged(page, "a page is newer than what refers to it");
  return damaged(page, "a page is of another kind or level than what refers to it says");
}

Bytes Pages::overflow_run(Bytes reference) const {
  const auto& run = *overlay<layout::OverflowReference>(reference.data());
  const PageNo first{run.first_page};
  const std::uint64_t pages = overflow_page_count(run.length, page_size_);
  if (first == no_page || first.value + pages > page_count_.value) return {};
  return {unchecked(first), pages * page_size_};
}

void Pages::ask_for(PageRef ref) const {
  if (tags_ == nullptr || ref.is_in_arena() || ref.number() >= page_count_) return;
  tags_->announce({unchecked(ref.number()), page_size_});
}

Result<Bytes> Pages::overflow_value(Bytes reference, TableId table) const {
  const auto& run = *overlay<layout::OverflowReference>(reference.data());
  const PageNo first{run.first_page};
  const std::uint64_t length = run.length;
  const Bytes bytes = overflow_run(reference);
  if (bytes.empty()) return fail(damaged(first, "a large value leads beyond the end of the pages"));
  const PageView view(bytes.data(), page_size_);
  const TxnId born = view.born();
  const bool is_known = check_ == Check::off ||
                        (check_ == Check::first_touch && tags_->pages.is_verified(first, born));
  if (!is_known) {
    if (const auto defect = check_overflow_run(bytes, first, seed_, length, tags_->announce))
      return fail(damaged(first, std::string(name(*defect))));
    trust(first, born);
  }
  const auto& header = *overlay<layout::OverflowHeader>(bytes.data());
  const bool is_run = view.type() == layout::PageType::overflow && header.value_length == length;
  if (!is_run || view.table() != table || born > newest_)
    return fail(damaged(first, "a large value is not the one that its entry names"));
  return bytes.subspan(sizeof(layout::OverflowHeader), length);
}

namespace {

/// Whether all values that lie in the leaf itself are good.
bool are_good(const LeafView& leaf, const ValueCheck& check) {
  for (std::uint32_t index = 0; index < leaf.count(); ++index) {
    const LeafValue value = leaf.value(index);
    if (!value.is_overflow && !check(value.bytes)) return false;
  }
  return true;
}

}  // namespace

Status Pages::check_value(Bytes value, const ValueCheck& check) const {
  // Pages of the arena change without a new version, and copies are in no page.
  if (value.empty() || check_ != Check::first_touch || !are_in_file(value)) return check(value);
  const auto offset = static_cast<std::size_t>(value.data() - map_);
  const PageNo page{static_cast<std::uint32_t>(offset / page_size_)};
  const PageView view(unchecked(page), page_size_);
  if (tags_->values.is_verified(page, view.born())) [[likely]]
    return {};
  if (Status good = check(value); !good) return good;
  // What is wrong with its neighbours is found when they are asked for.
  if (!view.is_leaf() || are_good(LeafView(view), check))
    tags_->values.set_verified(page, view.born());
  return {};
}

Result<Bytes> Pages::log_page(PageNo page, TxnId born) const {
  if (page == no_page || page >= page_count_)
    return fail(damaged(page, "the space log leads beyond the end of the pages"));
  const Bytes bytes(unchecked(page), page_size_);
  const PageView view(bytes.data(), page_size_);
  if (view.number() != page || !page_checksum_holds(bytes, page, seed_))
    return fail(damaged(page, "a page of the space log is damaged"));
  if (view.born() != born)
    return fail(damaged(page, "a page of the space log was written by another transaction"));
  return bytes;
}

}  // namespace quire
