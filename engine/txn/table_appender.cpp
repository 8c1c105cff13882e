#include "quire/engine/txn/table_appender.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "quire/engine/page/separator.hpp"

namespace quire {

Result<std::unique_ptr<TableAppender>> TableAppender::open(OpenTransaction& transaction, TableId id,
                                                           std::string_view name) {
  if (Status sound = transaction.check_sound(); !sound) return fail(sound);
  const auto table = transaction.open_table(id, name);
  if (!table) return fail(table);
  return std::unique_ptr<TableAppender>(
      new TableAppender(transaction, id, name, (*table)->editor.root().alignment()));
}

TableAppender::TableAppender(OpenTransaction& transaction, TableId id, std::string_view name,
                             std::uint32_t alignment)
    : link_(transaction.link()),
      id_(id),
      name_(name),
      staged_(transaction.page_size(), alignment),
      gathered_(make_group(transaction.page_size())),
      aside_group_(make_group(transaction.page_size())) {
  ++transaction.unfinished_appenders_;
}

TableAppender::Group TableAppender::make_group(std::uint32_t page_size) {
  return {.leaves = std::vector<Gathered>(gathered_size / page_size),
          .pages = std::make_unique_for_overwrite<std::byte[]>(gathered_size)};
}

TableAppender::~TableAppender() {
  if (is_finished_ || *link_ == nullptr) return;
  give_up();
  --open().unfinished_appenders_;
}

void TableAppender::give_up() {
  if (*link_ == nullptr) return;
  forget();
  if (open().appender_ == this) open().appender_ = nullptr;
  open().break_off();
}

// ---- Turns

/// From now on this may hold entries back, and knows where the table ends.
Status TableAppender::begin() {
  if (open().appender_ == this && knows_last_) [[likely]]
    return {};
  const auto table = open().open_table(id_, name_);
  if (!table) return fail(table);
  table_ = *table;
  if (Status done = open().set_appender(this); !done) return done;
  return find_last();
}

Status TableAppender::interrupt() {
  knows_last_ = false;
  return put_staged();
}

/// Nothing more is appended. Not without what is being written: its pages may be another's soon.
void TableAppender::forget() {
  aside_.forget();
  staged_.clear();
  gathered_.count = aside_group_.count = 0;
  here_.clear();
}

/// Nothing is held back any more, nor kept to be filled.
Status TableAppender::settle() {
  Status done = interrupt();
  if (done)
    for (const Extent& run : runs_) open().space().give_back(run);
  runs_.clear();
  return done;
}

Status TableAppender::finish() {
  if (*link_ == nullptr) return fail(ErrorCode::closed);
  if (Status sound = open().check_sound(); !sound) return sound;
  if (open().appender_ == this) {
    if (Status done = open().set_appender(nullptr); !done) return done;
  }
  --open().unfinished_appenders_;
  is_finished_ = true;
  return {};
}

// ---- Where the table ends

Status TableAppender::find_last() {
  last_.reset();
  Cursor cursor(open().context_.pages, table_->editor.root());
  const Result<bool> found = cursor.seek_last();
  if (!found) return fail(found);
  if (*found) set_last(cursor.key());
  knows_last_ = true;
  return {};
}

void TableAppender::set_last(Bytes key) {
  if (!last_) last_.emplace();
  last_->assign(key.begin(), key.end());
}

/// Whether the key is above all that are there, those staged included.
bool TableAppender::is_beyond(Bytes key) const {
  if (staged_.count() > 0) return compare(staged_.key(staged_.count() - 1), key) < 0;
  return !last_ || compare(*last_, key) < 0;
}

// ---- Entries

Result<StoredValue> TableAppender::store_value(Bytes key, Bytes value) {
  if (*link_ == nullptr) return fail(ErrorCode::closed);
  if (Status sound = open().check_sound(); !sound) return fail(sound);
  if (Status legal = open().check_entry(key.size(), value.size()); !legal) return fail(legal);
  if (open().is_inline(key.size(), value.size())) return StoredValue(value);
  const auto reference = open().watched(open().write_large(id_, value));
  if (!reference) return fail(reference);
  return StoredValue(*reference);
}

Status TableAppender::append(Bytes key, const LeafValue& value) {
  if (*link_ == nullptr) return fail(ErrorCode::closed);
  if (Status sound = open().check_sound(); !sound) return sound;
  return open().watched<void>(append_legal(key, value));
}

Result<bool> TableAppender::append_behind_slowly(Bytes key, Bytes value) {
  if (*link_ == nullptr) return fail(ErrorCode::closed);
  if (Status sound = open().check_sound(); !sound) return fail(sound);
  if (Status done = open().watched<void>(begin()); !done) return fail(done);
  if (!is_beyond(key)) return false;
  const Result<StoredValue> stored = store_value(key, value);
  if (!stored) return fail(stored);
  const Status done = append(key, stored->leaf_value());
  return done ? Result<bool>(true) : fail(done);
}

Status TableAppender::append_legal(Bytes key, const LeafValue& value) {
  if (Status done = begin(); !done) return done;
  open().note_change();
  if (!is_beyond(key)) {
    if (Status done = put_staged(); !done) return done;
    if (Status done = put(key, value); !done) return done;
    return open().keep_budget();
  }
  if (staged_.add(key, value)) return {};
  if (Status done = gather_leaf(); !done) return done;
  const bool fits = staged_.add(key, value);
  QUIRE_ASSERT(fits);
  return {};
}

Status TableAppender::put(Bytes key, const LeafValue& value) {
  return open().put_stored(*table_, key, value);
}

/// The entries that fill no leaf go where single ones go.
Status TableAppender::put_staged() {
  if (Status done = write_gathered(); !done) return done;
  if (Status done = take_written(); !done) return done;
  for (std::uint32_t index = 0; index < staged_.count(); ++index) {
    // Above all that were there: nothing is displaced.
    if (Status done = put(staged_.key(index), staged_.value(index)); !done) return done;
  }
  if (staged_.count() > 0) set_last(staged_.key(staged_.count() - 1));
  staged_.clear();
  return open().keep_budget();
}

// ---- Leaves

/// What is staged becomes a page.
Status TableAppender::gather_leaf() {
  const Result<PageNo> number = take_page();
  if (!number) return fail(number);
  if (!is_next(*number)) {
    if (Status done = write_gathered(); !done) return done;
  }
  const MutableBytes page(gathered_.pages.get() + gathered_.count * page_size(), page_size());
  *overlay<layout::PageHeader>(page.data()) = {};
  staged_.build(page);
  seal_page(page, {*number, open().txn(), id_}, open().context_.pages.seed());
  Gathered& gathered = gathered_.leaves[gathered_.count++];
  gathered.leaf = {*number, staged_.count()};
  gathered.separator.clear();
  if (last_) {
    const Bytes separator = shortest_separator(*last_, staged_.key(0));
    gathered.separator.assign(separator.begin(), separator.end());
  }
  open().entry_change_ += staged_.count();
  set_last(staged_.key(staged_.count() - 1));
  staged_.clear();
  return {};
}

/// Whether one call may write the page with those that are gathered.
bool TableAppender::is_next(PageNo number) const {
  if (gathered_.count == 0) return true;
  const auto count = static_cast<std::uint32_t>(gathered_.count);
  return count < gathered_.leaves.size() &&
         gathered_.leaves[0].leaf.ref.number().after(count) == number;
}

Result<PageNo> TableAppender::take_page() {
  if (runs_.empty()) {
    open().reclaim_once();
    const Result<std::vector<Extent>> runs = open().take_ready(run_size_, first_run_size);
    if (!runs) return fail(runs);
    runs_.assign(runs->rbegin(), runs->rend());
    run_size_ = std::min(2 * run_size_, most_run_size);
  }
  Extent& run = runs_.back();
  const PageNo number = run.first;
  run = {number.after(1), run.count - 1};
  if (run.count == 0) runs_.pop_back();
  return number;
}

/// Writes the leaves that are gathered: aside, if nothing is being written there. So a thread that
/// gets no processor does no harm.
Status TableAppender::write_gathered() {
  if (gathered_.count == 0) return {};
  has_filled_ = has_filled_ || gathered_.count == gathered_.leaves.size();
  if (has_filled_ && !aside_.is_busy()) {
    if (Status done = take_written(); !done) return done;
    std::swap(gathered_, aside_group_);
    aside_.begin([this] { return write(aside_group_); });
    return {};
  }
  if (Status done = write(gathered_); !done) return done;
  const auto first = gathered_.leaves.begin();
  std::move(first, first + static_cast<std::ptrdiff_t>(gathered_.count), std::back_inserter(here_));
  gathered_.count = 0;
  return {};
}

Status TableAppender::write(const Group& group) const {
  return write_pages(open().writer(), group.leaves[0].leaf.ref.number(),
                     {group.pages.get(), group.count * page_size()}, page_size());
}

/// Tells the tree of the leaves that were written.
Status TableAppender::take_written() {
  if (Status done = aside_.wait(); !done) return done;
  for (std::size_t index = 0; index < aside_group_.count; ++index)
    if (Status done = take(aside_group_.leaves[index]); !done) return done;
  aside_group_.count = 0;
  for (const Gathered& written : here_)
    if (Status done = take(written); !done) return done;
  here_.clear();
  return open().keep_budget();
}

Status TableAppender::take(const Gathered& written) {
  open().writer().counters().pages_written.fetch_add(1, std::memory_order_relaxed);
  open().context_.pages.trust(written.leaf.ref.number(), open().txn());
  return table_->editor.append_leaf(written.leaf, written.separator);
}

}  // namespace quire
