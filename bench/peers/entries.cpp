#include "peers/entries.hpp"

#include <fmt/format.h>

namespace bench::peers {

namespace {

constexpr std::uint64_t host_count = 300;
constexpr std::uint64_t section_count = 20;

std::string url_of(std::uint64_t number) {
  const std::uint64_t look = mix(~number);
  return fmt::format("https://www.host-{}.example/section-{:02}/{:{}}/{:016x}", look % host_count,
                     look / host_count % section_count, "page",
                     4 + look / host_count / section_count % 24, number);
}

}  // namespace

std::vector<std::string> UrlKeys::of(const Keys& numbers) {
  std::vector<std::string> urls;
  urls.reserve(numbers.size());
  for (const std::uint64_t number : numbers) urls.push_back(url_of(number));
  return urls;
}

ValueSource::ValueSource(std::size_t size) : value_(size) {
  for (std::uint64_t number = 0; pool_.size() < pool_size + size; ++number) {
    const std::uint64_t random = mix(number);
    const auto bytes = std::as_bytes(std::span(&random, 1));
    pool_.insert(pool_.end(), bytes.begin(), bytes.end());
  }
}

}  // namespace bench::peers
