#include "quire/engine/page/seal.hpp"

#include <algorithm>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/checksum.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {

namespace {

constexpr std::size_t checksum_size = sizeof(layout::PageHeader::checksum);

/// Asking for less costs more than it brings.
constexpr std::size_t smallest_announced = std::size_t{128} << 10;
constexpr std::size_t announced_size = std::size_t{1} << 20;

std::uint64_t place_seed(FileSeed seed, PageNo number) noexcept {
  return seed.value ^ number.value;
}

void identify(layout::PageHeader& header, const PageIdentity& identity) noexcept {
  header.born = identity.born.value;
  header.number = identity.number.value;
  header.table = identity.table.value;
}

}  // namespace

FileSeed file_seed(const std::uint8_t (&file_id)[16]) noexcept {
  return {checksum64(std::as_bytes(std::span(file_id)), 0)};
}

void seal_page(MutableBytes page, const PageIdentity& identity, FileSeed seed) noexcept {
  auto& header = *overlay<layout::PageHeader>(page.data());
  identify(header, identity);
  header.checksum = checksum64(page.subspan(checksum_size), place_seed(seed, identity.number));
}

OverflowSeal::OverflowSeal(MutableBytes header_bytes, std::uint64_t value_length,
                           const PageIdentity& identity, FileSeed seed) noexcept
    : header_(header_bytes.data()), checksum_(place_seed(seed, identity.number)) {
  QUIRE_ASSERT(header_bytes.size() >= sizeof(layout::OverflowHeader));
  QUIRE_ASSERT(value_length <= layout::max_value_size);
  auto& header = *overlay<layout::OverflowHeader>(header_);
  header = {};
  header.page.type = static_cast<std::uint8_t>(layout::PageType::overflow);
  header.value_length = value_length;
  identify(header.page, identity);
  checksum_.add(header_bytes.subspan(checksum_size, sizeof(header) - checksum_size));
}

void OverflowSeal::finish() noexcept {
  overlay<layout::PageHeader>(header_)->checksum = checksum_.value();
}

void seal_overflow(MutableBytes header, Bytes value, const PageIdentity& identity,
                   FileSeed seed) noexcept {
  OverflowSeal overflow(header, value.size(), identity, seed);
  overflow.add(value);
  overflow.finish();
}

bool page_checksum_holds(Bytes page, PageNo number, FileSeed seed) noexcept {
  const auto& header = *overlay<layout::PageHeader>(page.data());
  return header.checksum == checksum64(page.subspan(checksum_size), place_seed(seed, number));
}

bool overflow_checksum_holds(Bytes header_and_value, PageNo number, FileSeed seed,
                             Announce announce) noexcept {
  if (header_and_value.size() <= smallest_announced)
    return page_checksum_holds(header_and_value, number, seed);
  RunningChecksum64 checksum(place_seed(seed, number));
  Bytes rest = header_and_value.subspan(checksum_size);
  announce(rest.first(std::min(announced_size, rest.size())));
  while (!rest.empty()) {
    const Bytes piece = rest.first(std::min(announced_size, rest.size()));
    rest = rest.subspan(piece.size());
    announce(rest.first(std::min(announced_size, rest.size())));
    checksum.add(piece);
  }
  const auto& header = *overlay<layout::PageHeader>(header_and_value.data());
  return header.checksum == checksum.value();
}

}  // namespace quire
