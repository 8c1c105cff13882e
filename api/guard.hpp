// Guards: a value read in place, and what keeps it there.
//
// Invariant: as long as a guard or a copy of it lives, the value it shows stays valid and
// unchanged, whatever becomes of the table, the transaction or the storage that it came from.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "quire/engine/engine.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/heap_bytes.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored_attributes "clang::"
#endif

namespace quire {

/// Law: the bytes that a keeper keeps stay until it and all that share() gave are gone, and a move
/// of the keeper does not move them.
template <class T>
concept Keeper = std::movable<T> && requires(const T& keeper) {
  { keeper.share() } -> std::same_as<Result<T>>;
};
static_assert(Keeper<Pin> && Keeper<HeapBytes>);

/// Shows one value through its format's view: a reference to the stored object, or a small object
/// over the stored bytes, such as a std::string_view. `*guard` and `guard->` give the view, which
/// lives no longer than the guard.
///
/// A copy keeps the value for itself and costs an atomic addition; where it finds every reader slot
/// taken it throws BadResult, and share() says so instead. A move costs nothing; a guard that was
/// moved from shows nothing. Distinct guards may be used from different threads, and one be read by
/// several.
template <class V, ValueFormat<V> Format, Keeper Keeps>
class [[nodiscard]] BasicGuard {
  using View = ValueView<Format, V>;

 public:
  /// The view without the reference.
  using Shown = std::remove_reference_t<View>;

  /// Needs a view of bytes that keeper keeps.
  BasicGuard(Keeps keeper, View view) noexcept
      : keeper_(std::move(keeper)), held_(hold(std::forward<View>(view))) {}

  BasicGuard(const BasicGuard& other)
      : keeper_(other.keeper_.share().value()), held_(other.held_) {}
  BasicGuard& operator=(const BasicGuard& other) {
    *this = BasicGuard(other);
    return *this;
  }
  BasicGuard(BasicGuard&&) noexcept = default;
  BasicGuard& operator=(BasicGuard&&) noexcept = default;
  ~BasicGuard() = default;

  const Shown& operator*() const noexcept [[clang::lifetimebound]] {
    if constexpr (is_reference) {
      return *held_;
    } else {
      return held_;
    }
  }
  const Shown* operator->() const noexcept [[clang::lifetimebound]] {
    return std::addressof(**this);
  }

  /// A copy, or why there is none: too_many_readers.
  [[nodiscard]] Result<BasicGuard> share() const {
    auto keeper = keeper_.share();
    if (!keeper) return fail(keeper);
    return BasicGuard(std::move(*keeper), **this);
  }

  /// Shows another value that the same keeper keeps. For ranges.
  void aim(View view) noexcept { held_ = hold(std::forward<View>(view)); }

 private:
  static constexpr bool is_reference = std::is_reference_v<View>;
  using Held = std::conditional_t<is_reference, const Shown*, Shown>;

  static Held hold(View&& view) noexcept {
    if constexpr (is_reference) {
      return std::addressof(view);
    } else {
      return std::move(view);
    }
  }

  Keeps keeper_;
  Held held_;
};

/// What a committed value is read through: it pins the state that the value belongs to.
template <class V, class Format>
using PinningGuard = BasicGuard<V, Format, Pin>;

/// What a value is read through inside a write transaction: it owns a copy, because the transaction
/// may change the value the next moment. Also what a packed value is read through everywhere: it
/// owns the unpacked bytes and pins nothing.
template <class V, class Format>
using CopyingGuard = BasicGuard<V, Format, HeapBytes>;

}  // namespace quire

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
