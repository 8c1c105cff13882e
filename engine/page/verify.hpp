// The door: whether bytes of a file may be read as a page.
//
// Bytes come from a disk, or from somebody who chose them. Law: when a check of this file has
// found nothing wrong, no view, editor or sequence of this folder reads or writes outside the page,
// whatever the bytes are, keys rise strictly, and nothing loops for ever. Nobody else in the engine
// doubts a page.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/page/seal.hpp"

namespace quire {

enum class PageDefect : std::uint8_t {
  checksum,   ///< the bytes are not those that were written
  number,     ///< the page belongs elsewhere in the file
  type,       ///< of no kind that a tree has
  flags,      ///< level, value alignment or reserved bits
  prefix,     ///< longer than a key
  empty,      ///< a leaf without entries, which no tree has
  arrays,     ///< reach into the heap or behind the page
  samples,    ///< differ from the heads that they repeat
  entry,      ///< reaches out of the heap, or its lengths are not legal
  heap,       ///< entries overlap or do not add up with the dead bytes
  order,      ///< keys do not rise strictly
  reference,  ///< of a large value: to no page, or of no legal length
  child,      ///< refers to no page of the file
  length,     ///< a run's length is not what its reference says
};

/// What is wrong, as the end of a sentence: "keys do not rise".
std::string_view name(PageDefect defect) noexcept;

/// Everything that can be known of a leaf, rows or branch page from its bytes and its place.
/// None: the page is good. About one nanosecond for each entry and ten bytes; allocates nothing.
std::optional<PageDefect> check_page(Bytes page, PageNo expected, FileSeed seed) noexcept;

/// The same without checksum and number: the page's structure.
std::optional<PageDefect> check_structure(Bytes page) noexcept;

/// The same for a page of an open transaction, whose children may be dirty pages.
std::optional<PageDefect> check_body(Bytes page) noexcept;

/// A whole overflow run of a value of that length. Announces what it reads of a large one.
std::optional<PageDefect> check_overflow_run(Bytes run, PageNo expected, FileSeed seed,
                                             std::uint64_t expected_length,
                                             Announce announce = announce_nothing) noexcept;

}  // namespace quire
