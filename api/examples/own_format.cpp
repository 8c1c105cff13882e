// A value format of one's own: text that is known to be ASCII.
//
// It says:
//   Zurich
#include <quire/quire.hpp>

#include <iostream>
#include <string>

struct AsciiFormat {
  static constexpr std::string_view name = "ascii";
  static constexpr std::uint32_t version = 1;

  template <class V>
  using Argument = std::string_view;  // how a value is given
  template <class V>
  using View = std::string_view;  // how a stored one is shown

  template <class V>
  [[nodiscard]] constexpr std::uint32_t alignment() const noexcept {
    return 1;
  }
  template <class V>
  [[nodiscard]] std::string descriptor() const {  // kept with the table
    return "ascii";
  }
  // A value that lies in memory as it is stored, whatever it is, gives stored_bytes() instead of
  // these two; one whose size is known only at the end gives encode_value().
  template <class V>
  [[nodiscard]] quire::Result<std::size_t> measure(std::string_view value) const {
    if (!check<V>(quire::as_bytes(value))) return quire::fail(quire::ErrorCode::invalid_argument);
    return value.size();
  }
  template <class V>
  void write(std::string_view value, quire::MutableBytes target) const {
    quire::copy_bytes(target.data(), quire::as_bytes(value));
  }

  // Takes any bytes. With `static constexpr bool checks_once = true;` it is asked once for each
  // version of a page instead of at every access.
  template <class V>
  [[nodiscard]] quire::Status check(quire::Bytes stored) const {
    for (const std::byte byte : stored)
      if (byte >= std::byte{0x80}) return quire::fail(quire::ErrorCode::corrupt);
    return {};
  }
  template <class V>
  [[nodiscard]] std::string_view view(quire::Bytes stored) const noexcept {
    return quire::as_text(stored);
  }
};
static_assert(quire::ValueFormat<AsciiFormat, std::string>);

int main() {  // NOLINT(bugprone-exception-escape): value() ends the program and says why
  quire::MemoryFileSystem files;
  auto storage = quire::StorageBuilder("names").with_backend(files).build().value();
  auto builder = storage.new_table<int, std::string>("names");
  auto names = builder.with_value_format(AsciiFormat{}).build().value();
  names.put(1, "Zurich").value();
  std::cout << **names.get(1).value() << '\n';
  return names.put(2, "Z\xC3\xBCrich") ? 1 : 0;  // no ASCII, refused
}
