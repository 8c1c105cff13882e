#include "show.hpp"

#include <fmt/format.h>

namespace bench {

std::string show(double figure, bool is_size) {
  if (figure == 0) return "-";
  if (is_size) return fmt::format("{:.1f} MB", figure / 1e6);
  if (figure < 1e3) return fmt::format("{:.3g} ns", figure);
  if (figure < 1e6) return fmt::format("{:.2f} us", figure / 1e3);
  return fmt::format("{:.2f} ms", figure / 1e6);
}

std::string show_ratio(double ratio) { return ratio == 0 ? "-" : fmt::format("{:.2f}x", ratio); }

}  // namespace bench
