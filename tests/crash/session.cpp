#include "crash/session.hpp"

#include <algorithm>

namespace quire::test {

Options small_options(Options options) {
  options.reader_slots = 16;
  return options;
}

// ---- Editor

std::optional<TableId> Editor::id_of(const std::string& table) {
  if (const auto known = ids_.find(table); known != ids_.end()) return known->second;
  const Result<std::optional<TableInfo>> info = transaction_.table(table);
  if (!is_done(info) || !*info) return std::nullopt;
  return ids_[table] = (*info)->root.table;
}

std::optional<TableId> Editor::id_or_made(const std::string& table) {
  if (!tables_.contains(table)) create(table);
  return status_ ? id_of(table) : std::nullopt;
}

void Editor::create(const std::string& table) {
  if (!status_) return;
  const Result<TableId> id = transaction_.create_table(table, {});
  if (!is_done(id)) return;
  ids_[table] = *id;
  tables_[table];
}

void Editor::drop(const std::string& table) {
  if (!status_ || !is_done(transaction_.drop_table(table))) return;
  ids_.erase(table);
  tables_.erase(table);
}

void Editor::put(const std::string& table, const std::string& key, const std::string& value) {
  const std::optional<TableId> id = id_or_made(table);
  if (!id) return;
  if (is_done(transaction_.put(*id, table, as_bytes(key), as_bytes(value))))
    tables_[table][key] = value;
}

void Editor::put_in_pieces(const std::string& table, const std::string& key,
                           const std::string& value, std::size_t come) {
  const std::optional<TableId> id = id_or_made(table);
  if (!id) return;
  Result<ValueWriter> writer = transaction_.put_in_pieces(*id, table, as_bytes(key), value.size());
  if (!is_done(writer)) return;
  constexpr std::size_t piece_size = 5000;
  for (Bytes rest = as_bytes(value).first(come); !rest.empty();) {
    const Bytes piece = rest.first(std::min(rest.size(), piece_size));
    if (!is_done(writer->write(piece))) return;
    rest = rest.subspan(piece.size());
  }
  if (come == value.size() && is_done(writer->finish())) tables_[table][key] = value;
}

void Editor::reserve(const std::string& table, const std::string& key, const std::string& value) {
  const std::optional<TableId> id = id_or_made(table);
  if (!id) return;
  const auto room = transaction_.reserve(*id, table, as_bytes(key), value.size());
  if (!is_done(room)) return;
  const std::size_t half = value.size() / 2;
  copy_bytes(room->data(), as_bytes(value).first(half));
  if (!is_done(transaction_.get(*id, table, as_bytes(key)))) return;
  copy_bytes(room->data() + half, as_bytes(value).subspan(half));
  tables_[table][key] = value;
}

void Editor::erase(const std::string& table, const std::string& key) {
  if (!status_) return;
  const std::optional<TableId> id = id_of(table);
  if (!id) return;
  if (is_done(transaction_.erase(*id, table, as_bytes(key)))) tables_[table].erase(key);
}

void Editor::undo(const std::function<void(Editor&)>& edit) {
  if (!status_) return;
  const Result<Savepoint> savepoint = transaction_.savepoint();
  if (!is_done(savepoint)) return;
  const Tables tables = tables_;
  const std::map<std::string, TableId> ids = ids_;
  edit(*this);
  if (!status_ || !is_done(transaction_.rollback_to(*savepoint))) return;
  tables_ = tables;
  ids_ = ids;
}

// ---- Session

Session::Session(CrashDisk& disk, History& history, const Options& options)
    : disk_(disk), history_(history), options_(small_options(options)) {
  options_.file_system = &disk;
  open();
}

Session::~Session() { held_.clear(); }

void Session::note(const Error& error) {
  errors_.push_back(error);
  is_poisoned_ = is_poisoned_ || error.code() == ErrorCode::outcome_unknown ||
                 error.code() == ErrorCode::poisoned;
}

void Session::open() {
  Result<Database> database = Database::open(data_file, options_);
  if (!database) return note(database.error());
  database_ = *std::move(database);
  ticket_ = {};
  is_poisoned_ = false;
  const Result<Snapshot> snapshot = database_->snapshot();
  const Result<Digest> digest = snapshot ? digest_of(*snapshot) : fail(snapshot);
  if (!digest) {
    note(digest.error());
    return complain("a database that opened cannot be read: " + digest.error().message());
  }
  const std::size_t now = disk_.stop_count();
  const std::optional<History::Index> found = history_.find(*digest, now);
  if (!found) return complain("opening: " + history_.explain(*digest, now));
  const bool may_be_lost = has_lost_cache_ && may_have_failed();
  if (*found < sure_ && !may_be_lost) complain("opening lost a published state");
  has_lost_cache_ = false;
  current_ = sure_ = *found;
  history_.settle(current_, now);
}

void Session::close() {
  while (!held_.empty()) release();
  if (!database_) return;
  const Status closed = database_->close();
  if (closed) sure_ = current_;
  if (!closed) note(closed.error());
  database_.reset();
}

void Session::die(bool evicts) {
  disk_.kill_process();
  held_.clear();
  database_.reset();
  if (evicts) lose_cache();
  open();
}

void Session::lose_cache() {
  disk_.evict_cache();
  has_lost_cache_ = true;
}

void Session::commit(Durability durability, const Edit& edit) {
  if (!database_) return;
  Result<WriteTransaction> transaction = database_->begin_write();
  if (is_poisoned_ && (transaction || transaction.error().code() != ErrorCode::poisoned))
    complain("a transaction began though writers are stopped");
  if (!transaction) return note(transaction.error());
  Tables next = tables();
  Editor editor(*transaction, next);
  edit(editor);
  if (!editor.status()) {
    note(editor.status().error());
    if (editor.status().error().code() == ErrorCode::outcome_unknown)
      complain("an edit left a commit unknown");
    return std::move(*transaction).abandon();
  }
  const History::Index index = history_.begin(std::move(next), disk_.stop_count());
  finish_commit(index, durability, std::move(*transaction).commit(durability));
}

void Session::finish_commit(History::Index next, Durability durability,
                            const Result<CommitReceipt>& receipt) {
  const std::size_t now = disk_.stop_count();
  if (!receipt) {
    note(receipt.error());
    if (receipt.error().code() != ErrorCode::outcome_unknown) history_.withdraw(next, now);
    return;
  }
  const bool has_changed = history_.digest(next) != history_.digest(current_);
  current_ = next;
  if (durability != Durability::resident) sure_ = next;
  ticket_ = receipt->ticket;
  if (receipt->is_durable) history_.set_durable(next, now);
  const bool waits = durability == Durability::full || durability == Durability::two_phase;
  if (has_changed && waits && !receipt->is_durable)
    complain("a commit that waits for its sync says that it is not durable");
}

void Session::await(const std::vector<Edit>& meanwhile) {
  if (!database_) return;
  const History::Index index = current_;
  bool is_begun = false;
  disk_.during_sync([&] {
    if (std::exchange(is_begun, true)) return;
    for (const Edit& edit : meanwhile) buffered(edit);
  });
  const Status waited = CommitTicket(ticket_).wait();
  disk_.during_sync({});
  if (!waited) return note(waited.error());
  sure_ = std::max(sure_, index);
  history_.set_durable(index, disk_.stop_count());
}

void Session::abandon(const Edit& edit) {
  if (!database_) return;
  Result<WriteTransaction> transaction = database_->begin_write();
  if (!transaction) return note(transaction.error());
  Tables next = tables();
  Editor editor(*transaction, next);
  edit(editor);
  if (!editor.status()) note(editor.status().error());
  std::move(*transaction).abandon();
}

void Session::sync() {
  if (!database_) return;
  if (const Status synced = database_->sync(); !synced) return note(synced.error());
  sure_ = current_;
  history_.set_durable(current_, disk_.stop_count());
}

void Session::hold() {
  if (!database_) return;
  Result<Snapshot> snapshot = database_->snapshot();
  if (!snapshot) return note(snapshot.error());
  held_.push_back({*std::move(snapshot), history_.digest(current_)});
}

void Session::release() {
  if (held_.empty()) return;
  const Result<Digest> digest = digest_of(held_.front().snapshot);
  if (!digest || *digest != held_.front().digest) complain("a held snapshot changed");
  held_.erase(held_.begin());
}

void Session::look() {
  if (!database_) return;
  const Result<Snapshot> snapshot = database_->snapshot();
  const Result<Digest> digest = snapshot ? digest_of(*snapshot) : fail(snapshot);
  if (!digest) return complain("a reader failed: " + digest.error().message());
  if (*digest != history_.digest(current_)) complain("a reader does not see what is published");
  if (is_poisoned_ && sure_ < current_) return;  // a file that misses what only memory has
  const Result<CheckReport> report = database_->check();
  // What is recorded and in memory has to be written for it.
  if (!report && options_.redo_log_size != 0) {
    note(report.error());
    if (is_poisoned_) return;
  }
  if (!report) return complain("check failed: " + report.error().message());
  if (!report->is_clean()) complain("check found: " + report->findings.front().text);
}

}  // namespace quire::test
