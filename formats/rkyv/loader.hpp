// Loader: what the parts of one value share that is loaded from an archive.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "quire/formats/rkyv/encoder.hpp"

namespace quire::rkyv {

/// For the loading of one value. Not thread-safe.
class Loader {
 public:
  /// What all pointers to this object share: made for the first of them. Needs an archive without
  /// cycles, as the check demands.
  template <class T>
  std::shared_ptr<T> shared(const std::byte* object, auto&& make) {
    const std::pair<const void*, const void*> name(object, &type_key<T>);
    if (const auto known = shared_.find(name); known != shared_.end())
      return std::static_pointer_cast<T>(known->second);
    std::shared_ptr<T> made = make();
    shared_.emplace(name, made);
    return made;
  }

 private:
  std::map<std::pair<const void*, const void*>, std::shared_ptr<void>> shared_;
};

}  // namespace quire::rkyv
