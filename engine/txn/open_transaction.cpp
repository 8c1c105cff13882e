#include "quire/engine/txn/open_transaction.hpp"

#include <algorithm>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/tree/lookup.hpp"
#include "quire/engine/tree/tree_placer.hpp"
#include "quire/engine/txn/catalog.hpp"
#include "quire/engine/txn/table_appender.hpp"

namespace quire {
namespace {

/// Whether there is such an entry; its value is not looked at, and may not be written yet.
Result<bool> has_entry(const Pages& pages, const TreeRoot& root, Bytes key) {
  Cursor cursor(pages, root);
  Result<bool> is_there = cursor.seek(key);
  if (!is_there) return is_there;
  return *is_there && equal(cursor.key(), key);
}

}  // namespace

OpenTransaction::OpenTransaction(Core& core, Durability durability)
    : core_(core),
      durability_(durability),
      base_(writer().newest()),
      context_{core.data().pages(writer().space().page_count(), writer().next_txn()),
               writer().arena(), writer().space(), writer().next_txn()},
      catalog_(context_, base_.catalog),
      next_table_(base_.next_table),
      overflow_(context_.pages.page_size()),
      redo_(writer().redo().record(durability)) {}

OpenTransaction::~OpenTransaction() {
  if (appender_ != nullptr) appender_->forget();
  if (link_) *link_ = nullptr;
  if (core_.is_forked() || is_committed_) return;  // a fork's is the parent's
  forget_savepoints(0);
  space().rollback();
  context_.arena.rollback();
  if (has_written_) writer().burn(txn());
}

Status OpenTransaction::unsound() const {
  if (core_.is_forked()) return fail(ErrorCode::closed);
  return fail(Error(ErrorCode::transaction_broken).with_txn(txn()));
}

// ---- Open tables

Result<OpenTransaction::OpenTable*> OpenTransaction::open_another(TableId id,
                                                                  std::string_view name) {
  Result<OpenTable*> table = find_table(id, name);
  if (table) {
    last_table_ = *table;
    last_id_ = id;
  }
  return table;
}

Result<OpenTransaction::OpenTable*> OpenTransaction::find_table(TableId id, std::string_view name) {
  if (const auto open = tables_.find(id); open != tables_.end()) return &open->second;
  if (const TreeRoot* near = base_.near_root(id); near != nullptr && !is_dropped(id))
    return &add_table(name, *near);
  const Result<std::optional<TableInfo>> found =
      find_record(context_.pages, catalog_.root(), id, name);
  if (!found) return fail(found);
  if (!*found) return no_such_table(name);
  return &add_table((*found)->name, (*found)->root);
}

OpenTransaction::OpenTable& OpenTransaction::add_table(std::string_view name,
                                                       const TreeRoot& root) {
  const bool is_resident = writer().resident_tables().contains(root.table);
  return tables_.try_emplace(root.table, name, root, is_resident, context_).first->second;
}

// ---- Entries

/// Before it is stored: its bytes may lie in pages that change then. What has pages of its own is
/// not recorded, and ends the record.
void OpenTransaction::record_put(TableId id, const Bytes& key, const Bytes& value) {
  if (is_inline(key.size(), value.size()))
    redo_->put(id, key, value);
  else
    redo_ = nullptr;
}

/// After the edit that was recorded. What changed nothing is not to be done again.
void OpenTransaction::settle_record(bool is_done, bool has_changed) {
  if (!is_done)
    redo_ = nullptr;
  else if (!has_changed)
    redo_->take_back();
}

Result<bool> OpenTransaction::put(TableId id, const std::string_view& name, const Bytes& key,
                                  const Bytes& value, PutMode mode) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  if (Status legal = check_entry(key.size(), value.size()); !legal) return fail(legal);
  if (Status done = interrupt(); !done) return fail(done);
  if (redo_ != nullptr) [[unlikely]]
    record_put(id, key, value);
  const Result<EditOutcome> stored = store((*table)->editor, key, value, mode);
  if (redo_ != nullptr) [[unlikely]]
    settle_record(stored.has_value(), stored && stored->changed);
  if (!stored) return watched<bool>(fail(stored));
  if (stored->changed && !stored->found) ++entry_change_;
  return stored->found == (mode == PutMode::replace_only);
}

Status OpenTransaction::too_large(std::size_t key_size, std::uint64_t value_size) const {
  const std::size_t most = layout::max_key_size(page_size());
  const auto refused = [](ErrorCode code, std::uint64_t size, std::uint64_t limit) {
    return fail(
        Error(code).with_detail(std::to_string(size) + " bytes, at most " + std::to_string(limit)));
  };
  if (key_size > most) return refused(ErrorCode::key_too_long, key_size, most);
  return refused(ErrorCode::value_too_large, value_size, layout::max_value_size);
}

/// Puts an entry into a tree, the value inline or into a run of its own.
Result<EditOutcome> OpenTransaction::store(TreeEditor& tree, const Bytes& key, const Bytes& value,
                                           PutMode mode) {
  Result<EditOutcome> outcome = is_inline(key.size(), value.size())
                                    ? tree.put(key, {value, false}, mode)
                                    : store_large(tree, key, value, mode);
  if (!outcome || !outcome->changed) return outcome;
  note_change();
  if (outcome->displaced) {
    if (Status done = release_run(*outcome, tree.root().table); !done) outcome = fail(done);
  }
  if (outcome) {
    if (Status done = keep_budget(); !done) outcome = fail(done);
  }
  return outcome;
}

Result<EditOutcome> OpenTransaction::store_large(TreeEditor& tree, const Bytes& key,
                                                 const Bytes& value, PutMode mode) {
  if (mode != PutMode::upsert) {
    const Result<bool> found = has_entry(context_.pages, tree.root(), key);
    if (!found) return fail(found);
    const bool is_refused = *found == (mode == PutMode::insert_only);
    if (is_refused) return EditOutcome{.found = *found, .changed = false, .displaced = {}};
  }
  const auto reference = write_large(tree.root().table, value);
  if (!reference) return fail(reference);
  return tree.put(key, {std::as_bytes(std::span(&*reference, 1)), true}, mode);
}

/// Writes the run of a large value.
Result<layout::OverflowReference> OpenTransaction::write_large(TableId table, const Bytes& value) {
  const Result<Extent> run = take_run(value.size());
  if (!run) return fail(run);
  std::array<std::byte, overflow_header_size> header{};
  seal_overflow(header, value, {run->first, txn(), table}, context_.pages.seed());
  if (Status done = write_run(*run, header, value); !done) return fail(done);
  return make_overflow_reference(run->first.value, value.size());
}

/// Pages for a value that may be written; none are taken when that fails.
Result<Extent> OpenTransaction::take_run(std::uint64_t value_size) {
  return take_pages_in_a_run(overflow_page_count(value_size, page_size()));
}

Result<Extent> OpenTransaction::take_pages_in_a_run(std::uint32_t count) {
  reclaim_once();
  Result<Extent> run = space().take_run(count);
  if (!run) return run;
  const Status ready = prepare_to_write(false, early_filling());
  if (ready) return run;
  space().give_back(*run);
  return fail(ready);
}

Status OpenTransaction::write_run(const Extent& run, const Bytes& header, const Bytes& value) {
  Status done = overflow_.write(writer(), run, header, value);
  if (done) count_written(run);
  return done;
}

void OpenTransaction::count_written(const Extent& run) const {
  writer().counters().pages_written.fetch_add(run.count, std::memory_order_relaxed);
}

/// The tree no longer refers to this run.
Status OpenTransaction::release_run(const EditOutcome& outcome, TableId table) {
  if (!outcome.displaced) return {};
  if (Status done = flush(); !done) return done;
  return context_.release_run(*outcome.displaced, table);
}

Result<bool> OpenTransaction::erase(TableId id, std::string_view name, Bytes key) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  if (Status done = interrupt(); !done) return fail(done);
  if (redo_ != nullptr) [[unlikely]]
    redo_->erase(id, key);
  const Result<EditOutcome> erased = (*table)->editor.erase(key);
  if (redo_ != nullptr) [[unlikely]]
    settle_record(erased.has_value(), erased && erased->found);
  if (!erased) return watched<bool>(fail(erased));
  if (!erased->found) return false;
  note_change();
  --entry_change_;
  if (Status done = release_run(*erased, id); !done) return watched<bool>(fail(done));
  if (Status done = keep_budget(); !done) return watched<bool>(fail(done));
  return true;
}

void OpenTransaction::look_ahead(TableId id, std::string_view name, std::span<const Bytes> keys) {
  if (!check_sound()) return;
  if (const Result<OpenTable*> table = open_table(id, name))
    ask_for_leaves(context_.pages, (*table)->editor.root(), keys);
}

Result<std::uint64_t> OpenTransaction::erase_range(TableId id, std::string_view name,
                                                   const KeySpan& span) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  if (Status done = interrupt(); !done) return fail(done);
  if (Status done = flush(); !done) return watched<std::uint64_t>(fail(done));
  Result<std::uint64_t> erased = (*table)->editor.erase_range(span);
  if (!erased) return watched<std::uint64_t>(erased);
  if (*erased == 0) return erased;
  note_change();
  count_erased(*erased);
  return erased;
}

Result<std::optional<Value>> OpenTransaction::get(TableId id, std::string_view name, Bytes key) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  if (Status done = flush(); !done) return watched<std::optional<Value>>(fail(done));
  return lookup(context_.pages, (*table)->editor.root(), key);
}

Result<TreeRoot> OpenTransaction::root(TableId id, std::string_view name) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  if (Status done = flush(); !done) return watched<TreeRoot>(fail(done));
  return (*table)->editor.root();
}

// ---- Appenders

const std::shared_ptr<OpenTransaction*>& OpenTransaction::link() {
  if (!link_) link_ = std::make_shared<OpenTransaction*>(this);
  return link_;
}

/// Somebody is to hold entries back from now on; none: nobody.
Status OpenTransaction::set_appender(TableAppender* appender) {
  if (appender_ == appender) return {};
  if (Status done = settle_reservation(); !done) return done;
  TableAppender* const last = std::exchange(appender_, nullptr);
  Status settled = last == nullptr ? Status() : watched<void>(last->settle());
  appender_ = appender;
  return settled;
}

Status OpenTransaction::interrupt_others() {
  if (Status done = settle_reservation(); !done) return done;
  return appender_ == nullptr ? Status() : watched<void>(appender_->interrupt());
}

/// Makes the map show all that was stored.
Status OpenTransaction::flush() {
  if (appender_ != nullptr) {
    if (Status done = appender_->put_staged(); !done) return done;
  }
  if (Status done = write_reservation(); !done) return done;
  return overflow_.flush(writer());
}

// ---- Writing before the commit

void OpenTransaction::reclaim_once() {
  if (!has_reclaimed_) writer().reclaim();
  has_reclaimed_ = true;
}

/// The file may have something under this id.
Status OpenTransaction::prepare_id() const {
  if (Status healthy = writer().group().check_healthy(); !healthy) return healthy;
  Status raised = writer().raise_ceiling_for(txn());
  if (raised) return raised;
  // Whatever became of that slot, nothing of this transaction is in it.
  const Status healthy = writer().group().check_healthy();
  return healthy ? raised : healthy;
}

/// Everything that must hold before a page is written: the id may be used, the file is long enough.
Status OpenTransaction::prepare_to_write(bool may_use_reserve, Filling filling) {
  if (Status ready = prepare_id(); !ready) return ready;
  if (Status grown = writer().grow_file(space().page_count(), may_use_reserve, filling); !grown)
    return grown;
  context_.pages.set_page_count(space().page_count());
  has_written_ = true;
  redo_ = nullptr;  // its pages have places
  writer().note_use(txn());
  return {};
}

/// What is written before the commit is large, and comes by calls. Only a sync has something of it
/// that new space is written twice.
Filling OpenTransaction::early_filling() const {
  return waits_for_sync(durability_) ? Filling::if_few_pages : Filling::never;
}

/// Pages that may be written; none are taken when that fails.
Result<std::vector<Extent>> OpenTransaction::take_ready(std::uint32_t count, Growth growth) {
  Result<std::vector<Extent>> runs = space().take(count, growth);
  if (!runs) return runs;
  const Status ready = prepare_to_write(entry_change_ < 0, early_filling());
  if (ready) return runs;
  for (const Extent& run : *runs) space().give_back(run);
  return fail(ready);
}

/// So many as pay, or, where the disk or the map is full, so many as are needed, from wherever.
Result<std::vector<Extent>> OpenTransaction::take_ready(std::uint32_t count, std::uint32_t needed) {
  Result<std::vector<Extent>> runs = take_ready(count, Growth::when_it_pays);
  if (!runs && is_out_of_space(runs.error().code()))
    runs = take_ready(needed, Growth::as_a_last_resort);
  return runs;
}

/// Those of resident commits, too: what is done for all tables is done for these.
Status OpenTransaction::open_resident_tables() {
  for (const auto& [id, name] : writer().resident_tables()) {
    if (is_dropped(id)) continue;
    if (const Result<OpenTable*> table = find_table(id, name); !table) return fail(table);
  }
  return {};
}

/// Tells the catalog of a table as it is now.
Status OpenTransaction::record(OpenTable& table) {
  const TreeRoot& root = table.editor.root();
  if (!table.created) {
    const auto found = find_record(context_.pages, catalog_.root(), root.table, table.name);
    if (!found) return fail(found);
    if (!*found) return no_such_table(table.name);
    table.name = (*found)->name;
    table.created = (*found)->created;
  }
  const layout::TableRecord record = encode_record(root, *table.created);
  const Result<EditOutcome> recorded =
      catalog_.put(as_bytes(record_key(table.name)), {std::as_bytes(std::span(&record, 1)), false},
                   PutMode::replace_only);
  if (!recorded) return fail(recorded);
  QUIRE_ASSERT(recorded->found);
  return {};
}

Status OpenTransaction::record_resident_tables() {
  for (auto& [id, table] : tables_) {
    if (!table.is_resident || State::is_near(id)) continue;
    if (Status done = record(table); !done) return done;
  }
  return {};
}

/// The memory budget is used up: every page of the arena goes to its final place and is read back
/// through the map. One that is touched again gets another number.
Status OpenTransaction::write_early() {
  reclaim_once();
  if (Status done = open_resident_tables(); !done) return done;
  // Twice: now the catalog's pages are complete, and then its records are right.
  if (Status done = record_resident_tables(); !done) return done;
  const std::uint32_t count = context_.arena.live();
  Result<std::vector<Extent>> runs = take_ready(count, count);
  if (!runs) return fail(runs);
  TreePlacer placer(context_.arena, page_size(), txn(), context_.pages.seed(), *std::move(runs));
  for (auto& [id, table] : tables_) table.editor.set_root(placer.place(table.editor.root()));
  if (Status done = record_resident_tables(); !done) return done;
  catalog_.set_root(placer.place(catalog_.root()));
  if (Status done = write_pages(writer(), placer, SyncComes::soon); !done) return done;
  writer().counters().pages_written.fetch_add(placer.placed().size(), std::memory_order_relaxed);
  for (const PlacedPage& page : placer.placed()) context_.pages.trust(page.number, txn());
  context_.arena.release_own();
  if (!core_.options().rules.write_number_once) space().reuse_released(txn());
  return {};
}

}  // namespace quire
