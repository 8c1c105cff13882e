#include "quire/engine/page/seal.hpp"

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/checksum.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {

namespace {

constexpr std::size_t checksum_size = sizeof(layout::PageHeader::checksum);

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

void seal_overflow(MutableBytes header_bytes, Bytes value, const PageIdentity& identity,
                   FileSeed seed) noexcept {
  QUIRE_ASSERT(header_bytes.size() >= sizeof(layout::OverflowHeader));
  QUIRE_ASSERT(value.size() <= layout::max_value_size);
  auto& header = *overlay<layout::OverflowHeader>(header_bytes.data());
  header = {};
  header.page.type = static_cast<std::uint8_t>(layout::PageType::overflow);
  header.value_length = value.size();
  identify(header.page, identity);
  const std::array<Bytes, 2> pieces = {
      header_bytes.subspan(checksum_size, sizeof(header) - checksum_size), value};
  header.page.checksum = checksum64(pieces, place_seed(seed, identity.number));
}

bool page_checksum_holds(Bytes page, PageNo number, FileSeed seed) noexcept {
  const auto& header = *overlay<layout::PageHeader>(page.data());
  return header.checksum == checksum64(page.subspan(checksum_size), place_seed(seed, number));
}

bool overflow_checksum_holds(Bytes header_and_value, PageNo number, FileSeed seed) noexcept {
  return page_checksum_holds(header_and_value, number, seed);
}

}  // namespace quire
