// What with_stream gives back outlives the stream, so it is no view of it.
// must say: a view of the stream would outlive it: gather it with quire::to first
#include <quire/quire.hpp>

#include <ranges>
#include <vector>

auto keys_of(const quire::Table<int, double>& table) {
  return table.with_stream([](auto stream) {
    auto keys =
        std::move(stream) | std::views::transform([](const auto& each) { return each.key; });
#ifdef QUIRE_FIXED
    return std::move(keys) | quire::to<std::vector>();
#else
    return keys;
#endif
  });
}
