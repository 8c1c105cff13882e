// What every engine has to be able to do, so that one text of a workload runs over all of them.
//
// A peer is one store in a directory of its own, a session the right of one thread to use it, a
// snapshot one state that is read, an edit one transaction that writes. Workloads are templates
// over the peer: a call per operation is a direct one, inlined where the engine's header allows it.
//
// Engines throw std::runtime_error when their library reports a failure.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "data.hpp"
#include "quire/quire.hpp"

namespace bench::peers {

using quire::Bytes;

/// Whether a commit waits for the disk. Without, it survives the death of the process in every
/// engine: the system has it.
enum class Sync : std::uint8_t { off, each_commit };

/// How a store is opened; what is not there is made.
struct Opening {
  std::string directory;  ///< the store's own, and there already
  Sync sync = Sync::off;
  std::uint64_t entries = 0;            ///< about how many it is to hold
  std::uint64_t value_size = 0;         ///< bytes of each
  std::uint64_t cache_size = 1U << 30;  ///< bytes, for engines with a cache of their own
};

/// The bytes that an engine without types stores a key as. Lives no longer than the key.
class StoredKey {
 public:
  StoredKey(std::uint64_t number) noexcept
      : sortable_(number), text_(quire::as_text(sortable_.bytes())) {}
  StoredKey(std::string_view text) noexcept : sortable_(0), text_(text) {}
  StoredKey(const std::string& text) noexcept : sortable_(0), text_(text) {}
  StoredKey(const StoredKey&) = delete;
  StoredKey& operator=(const StoredKey&) = delete;
  ~StoredKey() = default;

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] const char* data() const noexcept { return text_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }

 private:
  SortableKey sortable_;
  std::string_view text_;
};

/// Engines whose transactions lie in memory until they end commit larger ones in parts of so many.
inline constexpr std::uint64_t largest_batch = 100'000;

[[noreturn]] inline void fail_in(std::string_view engine, std::string_view action,
                                 std::string_view reason) {
  throw std::runtime_error(
      std::string(engine).append(": ").append(action).append(": ").append(reason));
}

/// A reader of values: a session, which looks at the newest state each time, or a snapshot.
/// Law: use is called once with the value, which is gone when it returns, if there is one.
template <class T, class Key>
concept Gets = requires(T& reader, const Key& key, void (*use)(Bytes)) {
  { reader.get(key, use) } -> std::same_as<bool>;
};

/// One state. Law: entries are visited in the order of their keys, as K or as stored; scan begins
/// with the first at or after a key, and says how many there were, at most limit.
template <class T, class Key>
concept Snapshot = Gets<T, Key> && requires(T& snapshot, const Key& key, std::uint64_t limit,
                                            decltype([](const auto&, Bytes) {}) visit) {
  { snapshot.scan(key, limit, visit) } -> std::same_as<std::uint64_t>;
  { snapshot.scan_all(visit) } -> std::same_as<std::uint64_t>;
  { snapshot.count() } -> std::same_as<std::uint64_t>;
};

/// A transaction. Law: commit makes all of it visible, and durable with Sync::each_commit; append
/// is put for keys that come in order, and above all that are stored.
template <class T, class Key>
concept Edit = requires(T& edit, const Key& key, Bytes value) {
  edit.put(key, value);
  edit.append(key, value);
  edit.erase(key);
  edit.commit();
};

/// An engine. Law: one session for each thread, and one snapshot or edit of it at a time; settle
/// finishes what the engine does in the background, and compact gives back all the space that it
/// can, without sessions.
template <class P, class Key>
concept Peer = std::constructible_from<P, const Opening&> &&
               std::constructible_from<typename P::Session, P&> &&
               std::constructible_from<typename P::Snapshot, typename P::Session&> &&
               std::constructible_from<typename P::Edit, typename P::Session&> &&
               Gets<typename P::Session, Key> && Snapshot<typename P::Snapshot, Key> &&
               Edit<typename P::Edit, Key> &&
               requires(P& peer, typename P::Session& session, const Key& key, Bytes value) {
                 { P::name } -> std::convertible_to<std::string_view>;
                 { P::version() } -> std::same_as<std::string>;
                 { P::configuration } -> std::convertible_to<std::string_view>;
                 session.put(key, value);
                 peer.settle();
                 peer.compact();
               };

}  // namespace bench::peers
