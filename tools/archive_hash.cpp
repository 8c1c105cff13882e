#include "tools/archive_hash.hpp"

#include <algorithm>
#include <string>

#include "quire/formats/rkyv/hash.hpp"
#include "tools/archive_json.hpp"
#include "tools/archive_value.hpp"
#include "tools/wide_number.hpp"

namespace kvtool::archive {
namespace {

using namespace quire::rkyv;  // NOLINT(google-build-using-namespace): the words of this file

void feed(Hasher& hasher, const Type& type, const Json& key);

void feed_integer(Hasher& hasher, const Type& type, const Json& key) {
  const WideNumber bits = integer_bits(type, key);
  hasher.word(static_cast<std::uint64_t>(bits));
  if (type.extent.size == 16) hasher.word(static_cast<std::uint64_t>(bits >> 64));
}

void feed_sequence(Hasher& hasher, const Type& element, const Json& key) {
  hasher.word(key.size());
  const bool is_bytes = element.kind == Kind::integer && element.extent.size == 1;
  if (!is_bytes) {
    for (const Json& each : key) feed(hasher, element, each);
    return;
  }
  quire::ByteString bytes;
  for (const Json& each : key) bytes.push_back(static_cast<std::byte>(integer_bits(element, each)));
  hasher.bytes(bytes);
}

void feed_parts(Hasher& hasher, const std::vector<Part>& parts, const Json& key) {
  for (const Part& part : parts) feed(hasher, *part.type, part_of(parts, part, key));
}

void feed_enumeration(Hasher& hasher, const Type& type, const Json& key) {
  const Chosen chosen = chosen_variant(type, key);
  if (type.variants.size() > 1) hasher.word(chosen.variant->tag);
  const auto& parts = chosen.variant->parts;
  if (type.word != "option")
    feed_parts(hasher, parts, *chosen.fields);
  else if (!parts.empty())
    feed(hasher, *parts.front().type, *chosen.fields);
}

void feed_text(Hasher& hasher, const Json& key) {
  const auto& text = key.get_ref<const std::string&>();
  hasher.text(quire::as_bytes(text));
}

void feed(Hasher& hasher, const Type& type, const Json& key) {
  switch (type.kind) {
    case Kind::integer: feed_integer(hasher, type, key); return;
    case Kind::boolean: hasher.word(key.get<bool>() ? 1 : 0); return;
    case Kind::character:
      hasher.word(character_of(key.get_ref<const std::string&>()).value_or(0));
      return;
    case Kind::string:
    case Kind::text: feed_text(hasher, key); return;
    case Kind::duration:
    case Kind::structure: feed_parts(hasher, type.parts, key); return;
    case Kind::enumeration: feed_enumeration(hasher, type, key); return;
    case Kind::array:
    case Kind::vector:
    case Kind::slice: feed_sequence(hasher, *type.element, key); return;
    case Kind::pointer: feed(hasher, *type.element, key); return;
    default: return;  // what is no key of a hash table
  }
}

}  // namespace

std::uint64_t hash_of(const Type& type, const Json& key) {
  Hasher hasher;
  feed(hasher, type, key);
  return hasher.hash();
}

std::optional<std::uint64_t> BucketFiller::first_empty(std::uint64_t hash) {
  Probe probe(sizes_, hash);
  do {
    if (groups_left_ == 0) return {};
    --groups_left_;
    const quire::Bytes group = controls_.bytes().subspan(probe.at(), group_size);
    const auto empty = std::find(group.begin(), group.end(), empty_control);
    const auto step = static_cast<std::uint64_t>(empty - group.begin());
    if (empty != group.end()) return (probe.at() + step) % sizes_.buckets;
  } while (probe.next());
  return {};
}

}  // namespace kvtool::archive
