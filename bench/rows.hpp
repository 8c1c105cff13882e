// The rows of the table: what is measured, for every engine alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contrast.hpp"
#include "data.hpp"
#include "measure.hpp"

namespace bench {

/// How the file that is read was filled.
enum class Layout : std::uint8_t { sequential, random };

/// What all rows share. Must outlive them.
struct Setting {
  const Data& data;
  std::string directory;  ///< for the files; on the file system that is to be measured
  Layout layout = Layout::sequential;
};

/// Gets, misses, scans and seeks in files that are filled when the first of them is measured.
std::vector<Row> read_rows(const Setting& setting);

/// Fills new files, without sync.
std::vector<Row> load_rows(const Setting& setting);

/// Overwrites scattered keys in a filled file and waits for the disk.
std::vector<Row> commit_rows(const Setting& setting);

/// Begins and ends snapshots.
std::vector<Row> snapshot_rows(const Setting& setting);

/// Reads one field of values of a kilobyte, up to 100,000 of them, and all of small ones.
std::vector<Row> value_rows(const Setting& setting);

/// Counts and erases ranges, and loads entries that are all there beforehand.
std::vector<Row> bulk_rows(const Setting& setting);

/// What a second thread adds to a scan.
std::vector<Contrast> bulk_contrasts(const Setting& setting);

/// What snapshots and other threads add to a get.
std::vector<Contrast> snapshot_contrasts(const Setting& setting);

/// What types add to a get.
std::vector<Contrast> value_contrasts(const Setting& setting);

}  // namespace bench
