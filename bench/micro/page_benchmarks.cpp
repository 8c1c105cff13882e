// Searches in pages, edits of leaves, and what is done to whole pages.
#include <benchmark/benchmark.h>

#include "pages.hpp"
#include "quire/engine/base/checksum.hpp"
#include "quire/engine/page/leaf_sequence.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/page/verify.hpp"

namespace bench {

namespace {

/// Calls use with one of the picked keys after the other.
void for_picks(benchmark::State& state, const Page& page, const auto& use) {
  const std::vector<std::string> picks = page.picks();
  std::size_t at = 0;
  for (auto step : state) {
    benchmark::DoNotOptimize(use(quire::as_bytes(picks[at])));
    at = (at + 1) % Page::pick_count;
  }
  state.counters["keys"] = static_cast<double>(page.keys().size());
}

// ---- Searches

void search_leaf(benchmark::State& state, KeyKind kind) {
  const Page page = Page::leaf(kind, static_cast<std::size_t>(state.range(0)));
  for_picks(state, page, [&](quire::Bytes key) { return page.leaf().find(key).index; });
}

void search_branch(benchmark::State& state, KeyKind kind) {
  const Page page = Page::branch(kind, static_cast<std::size_t>(state.range(0)));
  for_picks(state, page, [&](quire::Bytes key) { return page.branch().child_index(key); });
}

// ---- Edits

constexpr std::array<std::byte, 16> stored{};

/// Takes an entry out and puts it in again.
void erase_and_insert(benchmark::State& state, KeyKind kind) {
  Page page = Page::leaf(kind, static_cast<std::size_t>(state.range(0)));
  quire::LeafEditor editor(page.bytes());
  for_picks(state, page, [&](quire::Bytes key) {
    const std::uint32_t index = editor.view().find(key).index;
    editor.erase(index);
    return editor.insert(index, key, {stored, false});
  });
}

void replace(benchmark::State& state, KeyKind kind) {
  Page page = Page::leaf(kind, 100);
  quire::LeafEditor editor(page.bytes());
  for_picks(state, page, [&](quire::Bytes key) {
    return editor.replace(editor.view().find(key).index, {stored, false});
  });
}

/// A full leaf and one entry more become two leaves.
void split(benchmark::State& state, KeyKind kind) {
  const Page page = Page::leaf(kind, 100);
  Page left = page;
  Page right = page;
  const std::string another = key_of(kind, Page::most_keys);
  const quire::Bytes key = quire::as_bytes(another);
  const std::uint32_t index = page.leaf().find(key).index;
  for (auto step : state) {
    const quire::LeafSequence sequence =
        quire::LeafSequence(page.leaf()).with_insert(index, key, {stored, false});
    const std::uint32_t cut = *sequence.split_point(quire::Fill::even);
    sequence.build(0, cut, left.bytes());
    sequence.build(cut, sequence.count(), right.bytes());
    benchmark::ClobberMemory();
  }
}

// ---- Whole pages

constexpr quire::FileSeed seed{17};
constexpr quire::PageIdentity identity{{100}, {7}, {1}};

void checksum(benchmark::State& state) {
  Page page = Page::leaf(KeyKind::number, 100);
  for (auto step : state) benchmark::DoNotOptimize(quire::checksum64(page.bytes(), 1));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * Page::size);
}

void seal(benchmark::State& state) {
  Page page = Page::leaf(KeyKind::number, 100);
  for (auto step : state) {
    quire::seal_page(page.bytes(), identity, seed);
    benchmark::ClobberMemory();
  }
}

/// At first touch.
void verify(benchmark::State& state, Page page) {
  quire::seal_page(page.bytes(), identity, seed);
  for (auto step : state)
    benchmark::DoNotOptimize(quire::check_page(page.bytes(), identity.number, seed));
}

void verify_leaf(benchmark::State& state, KeyKind kind) { verify(state, Page::leaf(kind, 100)); }
void verify_branch(benchmark::State& state, KeyKind kind) {
  verify(state, Page::branch(kind, 100));
}

// ---- What there is

using OfKeys = void (*)(benchmark::State&, KeyKind);

/// The benchmark for each kind of keys.
benchmark::internal::Benchmark* add(const std::string& name, OfKeys run, KeyKind kind) {
  return benchmark::RegisterBenchmark((name + ", " + name_of(kind)).c_str(), run, kind);
}

const bool is_registered = [] {
  for (const KeyKind kind : {KeyKind::number, KeyKind::wide, KeyKind::address}) {
    for (const auto& [name, run] :
         {std::pair("search a leaf", &search_leaf), std::pair("search a branch", &search_branch),
          std::pair("erase and insert", &erase_and_insert)})
      add(name, run, kind)->ArgName("fill")->Arg(25)->Arg(50)->Arg(100);
    for (const auto& [name, run] :
         {std::pair("replace", &replace), std::pair("split a leaf", &split),
          std::pair("verify a leaf", &verify_leaf), std::pair("verify a branch", &verify_branch)})
      add(name, run, kind);
  }
  benchmark::RegisterBenchmark("checksum of a page", checksum);
  benchmark::RegisterBenchmark("seal a page", seal);
  return true;
}();

}  // namespace

}  // namespace bench
