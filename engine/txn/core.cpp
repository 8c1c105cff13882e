#include "quire/engine/txn/core.hpp"

#include <bit>

#include "quire/engine/file/posix_file.hpp"
#include "quire/engine/tree/lookup.hpp"
#include "quire/engine/txn/catalog.hpp"
#include "quire/engine/txn/creation.hpp"

namespace quire {
namespace {

/// A database has tables looked up all the time: the first few are found without the catalog.
void find_near_tables(const Pages& pages, State& state) {
  if (state.catalog.entries > 4 * State::near_tables) return;
  const Result<std::vector<TableInfo>> tables = list_tables(pages, state.catalog);
  if (!tables) return;  // whoever asks for a table will hear of it
  for (const TableInfo& table : *tables) {
    const std::size_t index = std::size_t{table.root.table.value} - 1;
    if (index < State::near_tables) state.near[index] = table.root;
  }
}

}  // namespace

Status Core::check_options(const Options& options) {
  const auto complain = [](const char* what) {
    return fail(Error(ErrorCode::invalid_argument).with_detail(what));
  };
  if (!std::has_single_bit(options.page_size) || options.page_size < layout::min_page_size ||
      options.page_size > layout::max_page_size)
    return complain("page_size must be a power of two from 4096 to 65536");
  if (options.reader_slots == 0) return complain("reader_slots must not be 0");
  if (options.map_reserve < layout::meta_area_size) return complain("map_reserve is too small");
  constexpr std::chrono::hours longest_interval{24 * 365};
  const std::chrono::milliseconds interval = options.background_sync.interval;
  if (interval < std::chrono::milliseconds::zero() || interval > longest_interval)
    return complain("a background sync's interval must be from 0 (never) to a year");
  return {};
}

Result<Core::Parts> Core::open_parts(const std::string& path, const Options& options) {
  FileSystem& files = options.file_system != nullptr ? *options.file_system : posix_file_system();
  Result<std::unique_ptr<File>> file = open_or_create(files, path, options);
  if (!file) return fail(file);
  const Result<std::uint64_t> size = (*file)->size();
  if (!size) return fail(size);
  const Result<Bytes> map = (*file)->map(options.map_reserve);
  if (!map) return fail(map);
  const bool may_write = options.access == Access::read_write;
  Result<Recovered> recovered =
      recover({**file, *map, *size, files.boot_id(), may_write, options.rules});
  if (!recovered) {
    Error error = recovered.error();
    if (error.detail().empty()) error.with_detail(path);
    return fail(error);
  }
  const std::uint32_t page_size = recovered->meta.page_size;
  // NOLINTNEXTLINE(modernize-make-shared): the tags do not move; they are made in their place
  auto data = std::shared_ptr<DataFile>(
      new DataFile{*std::move(file), *map, page_size, seed_of(recovered->meta.file_id),
                   options.verification, VerifiedTags(map->size() / page_size)});
  State& state = recovered->meta.state;
  find_near_tables(data->pages(state.page_count, state.txn), state);
  return Parts{path, options, files, std::move(data), *std::move(recovered)};
}

Result<std::shared_ptr<Core>> Core::open(const std::string& path, const Options& options) {
  Result<Parts> parts = open_parts(path, options);
  if (!parts) return fail(parts);
  parts->options.page_size = parts->data->page_size;
  parts->options.file_system = &parts->files;
  return std::shared_ptr<Core>(new Core(*std::move(parts)));
}

Core::Core(Parts parts)
    : path_(std::move(parts.path)),
      options_(parts.options),
      file_id_(parts.recovered.meta.file_id),
      data_(std::move(parts.data)),
      data_file_(*data_),
      publication_(parts.recovered.meta.state),
      sync_(std::make_shared<GroupSync>(*data_->file, publication_, options_, parts.recovered)),
      background_(*sync_),
      readers_(ReaderRegistry::acquire(options_.reader_slots)),
      writer_({parts.files, *data_, publication_, *sync_, readers_, options_, path_},
              std::move(parts.recovered)) {}

Core::~Core() {
  // What goes wrong here cannot be said; close() says it, and the next opening recovers.
  static_cast<void>(close());
  readers_.abandon();
}

Result<ReaderRegistry::PinnedState> Core::pin() {
  // A slot that still has pins would take more of them.
  if (is_closed_.load(std::memory_order_acquire)) [[unlikely]]
    return fail(ErrorCode::closed);
  return readers_.pin(publication_);
}

Result<Snapshot> Core::snapshot() {
  Result<ReaderRegistry::PinnedState> pinned = pin();
  if (!pinned) return fail(pinned);
  return Snapshot(std::move(pinned->pin), *pinned->state, pages(*pinned->state));
}

Result<std::optional<PinnedValue>> Core::get(TableId id, std::string_view name, Bytes key) {
  Result<ReaderRegistry::PinnedState> pinned = pin();
  if (!pinned) return fail(pinned);
  const State& state = *pinned->state;
  const Pages pages = this->pages(state);
  const Result<std::optional<TreeRoot>> root = find_root(pages, state, id, name);
  if (!root) return fail(root);
  if (!*root) return fail(Error(ErrorCode::table_missing).with_detail(std::string(name)));
  const Result<std::optional<Value>> value = lookup(pages, **root, key);
  if (!value) return fail(value);
  if (!*value) return std::optional<PinnedValue>();
  return std::optional<PinnedValue>(PinnedValue{std::move(pinned->pin), **value});
}

Status Core::check_writable() const {
  if (is_closed_) return fail(ErrorCode::closed);
  if (options_.access == Access::read_only) return fail(ErrorCode::read_only);
  return sync_->check_healthy();
}

Status Core::finish(const GroupSync::Named& named) {
  if (Status done = sync_->finish(named); !done) return done;
  if (!options_.background_sync.is_on()) return {};
  const Result<bool> is_durable = sync_->is_durable(named);
  if (!is_durable || *is_durable) return {};
  // Where no thread can be had, the commit waits for what it would have done.
  return background_.start() ? Status{} : ticket(named).wait();
}

Status Core::sync() {
  if (Status entered = gate_.enter(); !entered) return entered;
  Status done = check_writable();
  if (done && !sync_->is_all_durable()) done = writer_.sync();
  gate_.leave();
  return done;
}

Status Core::close() {
  if (const Status entered = gate_.try_enter(); !entered)
    return fail(Error(ErrorCode::busy).with_detail("a write transaction is open"));
  Status done;
  if (!is_closed_.exchange(true)) {
    background_.stop();
    if (options_.access == Access::read_write) done = writer_.close();
    sync_->close();
    readers_.retire(data_);
    data_.reset();
  }
  gate_.leave();
  return done;
}

}  // namespace quire
