// Figures as people read them.
#pragma once

#include <string>

namespace bench {

/// A time, given in nanoseconds, or a size, given in bytes, with three figures and a unit.
std::string show(double figure, bool is_size);

std::string show_ratio(double ratio);

}  // namespace bench
