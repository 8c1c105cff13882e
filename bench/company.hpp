// Company: a value of about a kilobyte, as an archive, as a FlatBuffer, and as a struct to copy.
//
// All three say the same. `number` depends on the key; a sum over it shows whether what was read is
// what was stored.
#pragma once

#include <company_generated.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "data.hpp"
#include "quire/formats/rkyv.hpp"

namespace bench {

struct Filing {
  std::string form;
  std::string accession;
  std::uint32_t size = 0;
  bool accepted = false;
};
QUIRE_DESCRIBE(Filing, form, accession, size, accepted)

struct Company {
  std::uint64_t number = 0;
  std::string name;
  std::string address;
  std::vector<Filing> filings;
  std::vector<std::uint64_t> figures;
};
QUIRE_DESCRIBE(Company, number, name, address, filings, figures)

/// Where texts and lists have room for the longest.
struct CompanyStruct {
  struct FilingStruct {
    std::array<char, 8> form;
    std::array<char, 24> accession;
    std::uint32_t size;
    std::uint32_t accepted;
  };
  std::uint64_t number;
  std::array<char, 32> name;
  std::array<char, 64> address;
  std::array<FilingStruct, 8> filings;
  std::array<std::uint64_t, 75> figures;
};
static_assert(sizeof(CompanyStruct) == 1024);

/// Makes the values of one thread.
class CompanyMaker {
 public:
  CompanyMaker() {
    company_.name = "A Company With a Long Name";
    company_.address = "1 Long Avenue, Somewhere, CA 95014";
    for (std::uint32_t filing = 0; filing < 8; ++filing)
      company_.filings.push_back({"10-K", "0000320193-26-000123", filing, true});
    company_.figures.assign(60, 7);
  }

  const Company& archived(std::uint64_t key) {
    company_.number = mix(key);
    return company_;
  }

  std::span<const std::byte> copied(std::uint64_t key) {
    struct_ = {};
    struct_.number = mix(key);
    std::memcpy(struct_.name.data(), company_.name.data(), company_.name.size());
    std::memcpy(struct_.address.data(), company_.address.data(), company_.address.size());
    struct_.figures.fill(7);
    return std::as_bytes(std::span(&struct_, 1));
  }

  std::span<const std::byte> flat(std::uint64_t key) {
    builder_.Clear();
    std::vector<flatbuffers::Offset<flat::Filing>> filings;
    for (const Filing& filing : company_.filings) {
      filings.push_back(flat::CreateFilingDirect(
          builder_, filing.form.c_str(), filing.accession.c_str(), filing.size, filing.accepted));
    }
    builder_.Finish(flat::CreateCompanyDirect(builder_, mix(key), company_.name.c_str(),
                                              company_.address.c_str(), &filings,
                                              &company_.figures));
    return std::as_bytes(std::span(builder_.GetBufferPointer(), builder_.GetSize()));
  }

 private:
  Company company_;
  CompanyStruct struct_{};
  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace bench
