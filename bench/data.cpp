#include "data.hpp"

#include <algorithm>

namespace bench {

Data::Data(std::uint64_t entries) {
  random_.reserve(entries);
  for (std::uint64_t number = 0; number < entries; ++number) random_.push_back(mix(number));
  sorted_ = random_;
  std::sort(sorted_.begin(), sorted_.end());
}

Keys Data::hits(std::uint64_t round, std::size_t count) const {
  Keys keys(count);
  std::uint64_t number = round << 32;
  for (std::uint64_t& key : keys) key = random_[mix(~number++) % random_.size()];
  return keys;
}

Keys Data::misses(std::uint64_t round, std::size_t count) const {
  Keys keys(count);
  std::uint64_t number = random_.size() + (round << 32);
  for (std::uint64_t& key : keys) key = mix(number++);
  return keys;
}

Keys Data::scattered(std::uint64_t round, std::size_t count) const {
  // Keys arrive at random places, so neighbours in order of arrival are scattered and distinct.
  Keys keys(count);
  std::uint64_t number = mix(~round) % random_.size();
  for (std::uint64_t& key : keys) key = random_[number++ % random_.size()];
  return keys;
}

}  // namespace bench
