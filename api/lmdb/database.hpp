// LmdbDatabase: one open storage over LMDB.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "quire/api/lmdb/environment.hpp"
#include "quire/api/lmdb/snapshot.hpp"
#include "quire/api/lmdb/write_transaction.hpp"
#include "quire/api/storage_choices.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// What Database is for the engine. Copies share one opening of the file. Thread-safe.
class LmdbDatabase {
 public:
  static Result<LmdbDatabase> open(const StorageChoices& choices);

  // Without moves of its own, which copy then, no handle is ever left without a database.
  LmdbDatabase(const LmdbDatabase&) = default;
  LmdbDatabase& operator=(const LmdbDatabase&) = default;
  ~LmdbDatabase() = default;

  [[nodiscard]] Result<LmdbSnapshot> snapshot() const;
  [[nodiscard]] Result<std::optional<Kept<LmdbKeeper>>> get(TableId id, std::string_view name,
                                                            Bytes key) const;
  [[nodiscard]] static Status check_value(const Kept<LmdbKeeper>& found, const ValueCheck& check) {
    return check(found.bytes);
  }

  [[nodiscard]] Result<LmdbWriteTransaction> begin_write() const;
  Result<bool> put(TableId id, std::string_view name, Bytes key, Bytes value, PutMode mode,
                   std::optional<Durability> durability) const;
  Result<bool> erase(TableId id, std::string_view name, Bytes key,
                     std::optional<Durability> durability) const;

  [[nodiscard]] Status sync() const;
  /// The file itself is closed when the last view and keeper is gone, too.
  Status close();

  [[nodiscard]] DatabaseIdentity identity() const noexcept {
    return opening_->environment->identity();
  }
  [[nodiscard]] const std::string& path() const { return opening_->environment->path(); }

 private:
  struct Opening {
    std::shared_ptr<LmdbEnvironment> environment;
    std::atomic<bool> is_closed = false;
  };

  explicit LmdbDatabase(std::shared_ptr<LmdbEnvironment> environment)
      : opening_(std::make_shared<Opening>(std::move(environment))) {}
  [[nodiscard]] Result<LmdbEnvironment*> environment() const;
  template <class Edit>
  Result<bool> commit_edit(std::optional<Durability> durability, const Edit& edit) const;

  std::shared_ptr<Opening> opening_;
};

}  // namespace quire
