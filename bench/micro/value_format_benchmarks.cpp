// Storing, checking and viewing values by each format. One company for those that have fields.
#include <benchmark/benchmark.h>

#include <string>

#include "company.hpp"
#include "quire/formats/compressed.hpp"
#include "quire/formats/flatbuffers.hpp"
#include "quire/formats/rkyv.hpp"
#include "quire/quire.hpp"

template <>
inline constexpr std::string_view quire::type_name<bench::flat::Company> = "Company";

namespace bench {

namespace {

/// What the steps of one value's way cost. read gives something of what the view shows.
template <class V, class Format>
class Steps {
 public:
  Steps(std::string name, Format format, const auto& value)
      : name_(std::move(name)), format_(std::move(format)), stored_(stored_form(value)) {}

  void add(const auto& value, const auto& read) const {
    add_storing(value);
    if constexpr (quire::UnpacksValues<Format, V>) {
      add_step("unpack", [format = format_](quire::Bytes stored) {
        return format.template unpack<V>(stored).has_value();
      });
    } else {
      add_step("check", [format = format_](quire::Bytes stored) {
        return format.template check<V>(stored).has_value();
      });
      add_step("view", [format = format_, read](quire::Bytes stored) {
        return read(format.template view<V>(stored));
      });
    }
  }

 private:
  [[nodiscard]] quire::HeapBytes stored_form(const auto& value) const {
    return quire::with_stored_form<V>(format_, value,
                                      [&](quire::Bytes stored) {
                                        return quire::Result<quire::HeapBytes>(
                                            std::in_place, stored, format_.template alignment<V>());
                                      })
        .value();
  }

  void add_storing(const auto& value) const {
    benchmark::RegisterBenchmark(
        ("store a value, " + name_).c_str(), [self = *this, value](benchmark::State& state) {
          for (auto step : state) {
            const auto size = quire::with_stored_form<V>(
                self.format_, value,
                [](quire::Bytes stored) { return quire::Result<std::size_t>(stored.size()); });
            benchmark::DoNotOptimize(*size);
            benchmark::ClobberMemory();
          }
          state.counters["bytes"] = static_cast<double>(self.stored_.bytes().size());
        });
  }

  void add_step(const char* verb, const auto& step) const {
    benchmark::RegisterBenchmark((std::string(verb) + " a value, " + name_).c_str(),
                                 [step, stored = stored_](benchmark::State& state) {
                                   quire::Bytes bytes = stored.bytes();
                                   for (auto each : state) {
                                     benchmark::DoNotOptimize(bytes);
                                     benchmark::DoNotOptimize(step(bytes));
                                   }
                                 });
  }

  std::string name_;
  Format format_;
  quire::HeapBytes stored_;
};

template <class V, class Format>
void add(const std::string& name, const Format& format, const auto& value, const auto& read) {
  Steps<V, Format>(name, format, value).add(value, read);
}

const bool is_registered = [] {
  CompanyMaker maker;
  const Company company = maker.archived(17);
  const std::span<const std::byte> flat = maker.flat(17);
  const std::string text(1'000, 't');
  const auto first = [](const auto& bytes) { return bytes[0]; };
  const auto number = [](const auto& view) { return view.number(); };

  add<std::uint64_t>("u64", quire::PlainFormat{}, std::uint64_t{17},
                     [](std::uint64_t view) { return view; });
  add<Value>("100 bytes", quire::PlainFormat{}, ValueMaker()(17, 0), first);
  add<quire::ByteString>("raw, 1,000 bytes", quire::RawFormat{16},
                         quire::ByteString(1'000, std::byte{1}), first);
  add<std::string>("text of 1,000 bytes", quire::TextFormat{}, text, first);
  add<quire::Empty>("nothing", quire::EmptyFormat{}, quire::Empty{}, [](const auto&) { return 0; });
  add<Company>("archive", quire::RkyvFormat{}, company, number);
  add<flat::Company>("FlatBuffer", quire::FlatbuffersFormat<flat::Company>{},
                     quire::ByteString(flat.begin(), flat.end()), number);
  add<std::string>("compressed text", quire::Compressed<quire::TextFormat>{}, text, first);
  add<Company>("compressed archive", quire::Compressed<quire::RkyvFormat>{}, company, number);
  return true;
}();

}  // namespace

}  // namespace bench
