// A view lives no longer than the guard that shows it, here one that is gone at the semicolon.
// compiler: clang
// must say: will be destroyed at the end of the full-expression
#include <quire/quire.hpp>

#include <string>
#include <string_view>

using Names = quire::Table<int, std::string>;

std::size_t size_of(const Names& names) {
#ifdef QUIRE_FIXED
  const Names::Guard name = names.get(1).value().value();
  const std::string_view& text = *name;
#else
  const std::string_view& text = *Names::Guard(names.get(1).value().value());
#endif
  return text.size();
}
