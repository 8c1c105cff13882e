#include "support/holding.hpp"

#include <cstdlib>

namespace quire::test {
namespace {

constexpr std::uint32_t key_count = 60;

/// A text says of which key and round it is, and all of it follows from that.
std::string text_of(std::uint32_t key, std::uint32_t round) {
  const std::size_t size = round % 16 == 0 ? 9000 : 10 + (key * 37 + round * 101) % 900;
  return std::to_string(key) + ':' + std::to_string(round) + ':' +
         std::string(size, static_cast<char>('a' + (key + round) % 26));
}

bool is_whole(const std::string& text, std::uint32_t key) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return false;
  const std::uint64_t round = std::strtoull(text.c_str() + colon + 1, nullptr, 10);
  return text == text_of(key, static_cast<std::uint32_t>(round));
}

std::optional<TextEntries> entries_of(const TextState& state) {
  TextEntries entries;
  bool are_whole = true;
  const Status read = state.range().for_each([&](const auto& entry) {
    entries.emplace_back(entry.key, std::string(*entry.value));
    are_whole = are_whole && is_whole(entries.back().second, entry.key);
  });
  if (!read || !are_whole) return std::nullopt;
  return entries;
}

template <class T>
bool is_there_or_closed(const Result<T>& result) {
  return result || result.error().code() == ErrorCode::closed;
}

bool is_right(Held& held) {
  return std::visit([](auto& one) { return one.is_right(); }, held);
}

}  // namespace

Texts open_texts(const Storage& storage) {
  return storage.new_table<std::uint32_t, std::string>("texts").build().value();
}

void put_texts(Texts& table) {
  for (std::uint32_t key = 0; key < key_count; ++key) table.put(key, text_of(key, 0)).value();
}

bool churn(Storage& storage, const Texts& table, Dice& dice, std::uint32_t round) {
  auto txn = storage.begin_write();
  if (!txn) return false;
  auto editor = txn->table(table);
  const bool is_emptying = dice.one_in(20);
  for (std::uint32_t key = 0; key < key_count; ++key) {
    if (is_emptying)
      static_cast<void>(editor.erase(key).value());
    else if (dice.one_in(4))
      static_cast<void>(editor.put(key, text_of(key, round)).value());
  }
  if (dice.one_in(10)) return true;  // abandoned
  const Durability unsynced = dice.one_in(4) ? Durability::buffered : Durability::resident;
  static_cast<void>(std::move(*txn).commit(dice.one_in(30) ? Durability::full : unsynced));
  return true;
}

// ---- What is held

bool HeldState::is_right() const { return entries_of(state) == entries; }

bool HeldRange::is_right() {
  const auto next = range.next();
  if (!next) return false;
  if (at == entries.size()) return *next == nullptr;
  const auto& [key, text] = entries[at++];
  return *next != nullptr && (*next)->key == key && *(*next)->value == text;
}

bool HeldHandles::is_right() const {
  if (storage && !is_there_or_closed(storage->statistics())) return false;
  return !table || is_there_or_closed(table->contains(0));
}

void HeldExchange::put(Held held) {
  const std::scoped_lock lock(mutex_);
  held_.push_back(std::move(held));
}

std::optional<Held> HeldExchange::take() {
  const std::scoped_lock lock(mutex_);
  if (held_.empty()) return std::nullopt;
  Held held = std::move(held_.back());
  held_.pop_back();
  return held;
}

// ---- Holder

Holder::Holder(std::uint64_t seed, HeldExchange& exchange, Held first)
    : dice_(seed), exchange_(exchange) {
  held_.push_back(std::move(first));
}

bool Holder::step() {
  switch (dice_.below(8)) {
    case 0:
      if (held_.size() > 1) exchange_.put(take_any());
      return true;
    case 1:
      if (auto taken = exchange_.take()) held_.push_back(std::move(*taken));
      return true;
    case 2:
      if (held_.empty()) return true;
      return drop_any();
    case 3: return held_.empty() || is_right(held_[dice_.below(held_.size())]);
    default: return held_.size() > 20 ? drop_any() : make_from(dice_.below(held_.size() + 1));
  }
}

bool Holder::drop_all() {
  bool are_right = true;
  while (!held_.empty()) are_right = drop_any() && are_right;
  return are_right;
}

Held Holder::take_any() {
  std::swap(held_[dice_.below(held_.size())], held_.back());
  Held held = std::move(held_.back());
  held_.pop_back();
  return held;
}

bool Holder::drop_any() {
  Held held = take_any();
  return is_right(held);
}

/// From one of the things held: another that keeps what it reads.
bool Holder::make_from(std::size_t index) {
  if (index >= held_.size()) return true;
  if (auto* handles = std::get_if<HeldHandles>(&held_[index])) return make_from_handles(*handles);
  if (auto* state = std::get_if<HeldState>(&held_[index])) return make_from_state(*state);
  if (auto* guard = std::get_if<HeldGuard>(&held_[index])) {
    HeldGuard copy = *guard;
    held_.emplace_back(std::move(copy));
  }
  return true;
}

bool Holder::make_from_handles(const HeldHandles& handles) {
  if (dice_.one_in(6)) {  // a copy of one handle, or of both
    HeldHandles copy = handles;
    if (dice_.one_in(3)) copy.storage.reset();
    if (dice_.one_in(3)) copy.table.reset();
    held_.emplace_back(std::move(copy));
    return true;
  }
  if (!handles.table) return true;
  if (handles.storage && dice_.one_in(2)) return make_state(*handles.storage, *handles.table);
  return make_guard(*handles.table);
}

bool Holder::make_state(const Storage& storage, const Texts& table) {
  const auto snapshot = storage.snapshot();
  if (!snapshot) return snapshot.error().code() == ErrorCode::closed;
  TextState state = snapshot->table(table);
  std::optional<TextEntries> entries = entries_of(state);
  if (!entries) return false;
  held_.emplace_back(HeldState{std::move(state), *std::move(entries)});
  return true;
}

bool Holder::make_from_state(const HeldState& from) {
  if (dice_.one_in(3)) {
    HeldState copy = from;
    held_.emplace_back(std::move(copy));
    return true;
  }
  if (dice_.one_in(2)) return make_guard(from.state);
  TextEntries entries = from.entries;
  held_.emplace_back(HeldRange{from.state.range(), std::move(entries)});
  return true;
}

template <class Source>
bool Holder::make_guard(const Source& source) {
  const auto key = static_cast<std::uint32_t>(dice_.below(key_count));
  auto guard = source.get(key);
  if (!guard) return guard.error().code() == ErrorCode::closed;
  if (!*guard) return true;
  std::string text(***guard);
  if (!is_whole(text, key)) return false;
  held_.emplace_back(HeldGuard{std::move(**guard), std::move(text)});
  return true;
}

// ---- Holders

Holders::Holders(std::uint64_t seed, const Storage& storage, const Texts& table, std::size_t steps,
                 std::function<void()> when_all_hold)
    : all_hold_(count, std::move(when_all_hold)) {
  for (std::uint64_t number = 1; number <= count; ++number) {
    HeldHandles handles{.storage = storage, .table = table};
    threads_.emplace_back([this, steps,
                           holder = Holder(seed * count + number, exchange_,
                                           std::move(handles))]() mutable { run(holder, steps); });
  }
}

void Holders::run(Holder& holder, std::size_t steps) {
  for (std::size_t step = 0; step < steps; ++step)
    if (!holder.step()) ++wrong_;
  --busy_;
  all_hold_.arrive_and_wait();
  if (!holder.drop_all()) ++wrong_;
}

void Holders::let_go(std::optional<Storage>& storage, std::optional<Texts>& table,
                     Dice& dice) const {
  if (dice.one_in(3)) table.reset();
  if (dice.one_in(2))
    while (are_busy() && !storage->close()) std::this_thread::yield();
  if (dice.one_in(2)) storage.reset();
}

int Holders::finish() {
  threads_.clear();  // joined
  while (auto last = exchange_.take())
    if (!is_right(*last)) ++wrong_;
  return wrong_;
}

}  // namespace quire::test
