#include "peers/meter.hpp"

#include <ctime>
#include <utility>

#include "peers/syncs.hpp"

namespace bench::peers {

Totals Totals::now(const Home& home) {
  timespec time{};
  static_cast<void>(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time));
  return {
      .cpu_seconds = static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9,
      .syncs = count_syncs(),
      .written = home.device_written()};
}

Totals Totals::operator-(const Totals& before) const noexcept {
  return {.cpu_seconds = cpu_seconds - before.cpu_seconds,
          .syncs = syncs - before.syncs,
          .written = written - before.written};
}

Figure size_figure(std::string workload, std::uint64_t size) {
  return {.workload = std::move(workload),
          .unit = "file",
          .sample = {.file_size = size},
          .totals = {},
          .is_size = true};
}

Figure Meter::stop(std::string workload, std::string unit, std::uint64_t operations, Clock clock,
                   std::uint64_t sum) const {
  const Sample sample = watch_.stop(sum);
  return {.workload = std::move(workload),
          .unit = std::move(unit),
          .operations = static_cast<double>(operations),
          .clock = clock,
          .sample = sample,
          .totals = Totals::now(home_) - before_};
}

void Meter::settle(Figure& figure) const {
  home_.sync();
  figure.totals.written = home_.device_written() - before_.written;
}

}  // namespace bench::peers
