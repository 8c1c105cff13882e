// Reserving addresses, through Boost.Interprocess.
//
// Its file_mapping would open the path a second time, and the path may lead to another file by now;
// so the region is made over the descriptor that the File holds already.
#include "quire/engine/file/address_range.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <utility>

#include "quire/engine/file/system_error.hpp"

namespace quire {
namespace {

namespace interprocess = boost::interprocess;

/// What Boost.Interprocess calls a memory mappable: something that has a handle to map.
struct Mappable {
  int descriptor;
  [[nodiscard]] interprocess::mapping_handle_t get_mapping_handle() const {
    return interprocess::ipcdetail::mapping_handle_from_file_handle(descriptor);
  }
};

using MappedRegion = std::unique_ptr<interprocess::mapped_region>;

/// Tries size, then half of it, down to least.
Result<MappedRegion> reserve(Mappable source, interprocess::mode_t mode, std::size_t size,
                             std::size_t least, interprocess::map_options_t options) {
  least = std::max<std::size_t>(least, 1);
  for (size = std::max(size, least);; size = std::max(size / 2, least)) {
    try {
      return std::make_unique<interprocess::mapped_region>(source, mode, 0, size, nullptr, options);
    } catch (const interprocess::interprocess_exception& refused) {
      if (size == least) {
        const int error_number = static_cast<int>(refused.get_native_error());
        return fail(Error(code_of_system(error_number)).with_system(error_number));
      }
    }
  }
}

}  // namespace

AddressRange::AddressRange() noexcept = default;
AddressRange::AddressRange(AddressRange&& other) noexcept = default;
AddressRange& AddressRange::operator=(AddressRange&& other) noexcept = default;
AddressRange::~AddressRange() = default;
AddressRange::AddressRange(MappedRegion region) noexcept : region_(std::move(region)) {}

Result<AddressRange> AddressRange::over_file(int descriptor, std::size_t size, std::size_t least,
                                             Access access) {
  const auto mode =
      access == Access::read_only ? interprocess::read_only : interprocess::read_write;
  auto region = reserve(Mappable{descriptor}, mode, size, least, MAP_NORESERVE);
  if (!region) return fail(region);
  // Only advice: a system that does not take it reads more than it needs, and nothing else changes.
  static_cast<void>((*region)->advise(interprocess::mapped_region::advice_random));
  return AddressRange(*std::move(region));
}

Result<AddressRange> AddressRange::over_memory(std::size_t size, std::size_t least) {
  constexpr int no_descriptor = -1;
  auto region = reserve(Mappable{no_descriptor}, interprocess::copy_on_write, size, least,
                        MAP_ANONYMOUS | MAP_NORESERVE);
  if (!region) return fail(region);
  return AddressRange(*std::move(region));
}

/// Boost.Interprocess has no way to map over what is mapped already.
void AddressRange::forget_file() noexcept {
  if (!region_) return;
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
  [[maybe_unused]] const void* const zeros = ::mmap(data(), size(), PROT_READ, flags, -1, 0);
}

std::byte* AddressRange::data() const noexcept {
  return region_ ? static_cast<std::byte*>(region_->get_address()) : nullptr;
}

std::size_t AddressRange::size() const noexcept { return region_ ? region_->get_size() : 0; }

}  // namespace quire
