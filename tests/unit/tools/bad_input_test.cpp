// What kvtool says of input that makes no sense, and that it changes nothing then.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "quire/quire.hpp"
#include "support/temporary_directory.hpp"
#include "tools/json.hpp"
#include "tools/scalar.hpp"
#include "tools/shown.hpp"
#include "unit/tools/run_kvtool.hpp"

namespace kvtool::test {
namespace {

using quire::test::TemporaryDirectory;

/// One table of numbers, in one leaf; everything is on the disk.
void make_numbers(const std::string& path) {
  auto storage = quire::StorageBuilder(path).build().value();
  auto numbers = storage.new_table<std::uint32_t, std::uint32_t>("numbers").build().value();
  numbers.put(7, 49).value();
  storage.close().value();
}

std::string dump_with(const std::string& key, const std::string& value) {
  const Json header{{"quire_dump", 1},
                    {"encoding", "hex"},
                    {"page_size", 4096},
                    {"tables", Json::array({{{"name", "numbers"},
                                             {"alignment", 4},
                                             {"key", "u32"},
                                             {"value", "plain(u32)"},
                                             {"entries", 1}}})}};
  const Json entry{{"table", "numbers"}, {"key", key}, {"value", value}};
  return header.dump() + "\n" + entry.dump() + "\n";
}

TEST_CASE("a dump whose entries are not of their table's types changes nothing") {
  const TemporaryDirectory directory;
  const std::string dump = directory / "dump";
  const std::string made = directory / "made.quire";
  const std::string there = directory / "there.quire";
  make_numbers(there);
  const std::string before = read_file(there);
  for (const auto& [key, value] : {std::pair("000007", "31000000"), {"00000007", "3100"}}) {
    write_file(dump, dump_with(key, value));
    CHECK(kvtool({"load", made, "-i", dump}).status == ExitStatus::usage);
    CHECK_FALSE(std::filesystem::exists(made));
    const Ended ended = kvtool({"load", there, "-i", dump});
    CHECK(ended.status == ExitStatus::usage);
    CHECK(contains(ended.complaint, "line 2"));
    CHECK(contains(ended.complaint, "numbers"));
    CHECK(read_file(there) == before);
  }
  write_file(dump, dump_with("00000007", "31000000"));
  CHECK(kvtool({"load", made, "-i", dump}).status == ExitStatus::ok);
  CHECK(kvtool({"get", made, "7"}).data == "49\n");
}

TEST_CASE("a check names the table that is damaged") {
  const TemporaryDirectory directory;
  const std::string path = directory / "numbers.quire";
  make_numbers(path);
  const std::string good = read_file(path);
  std::size_t named = 0;
  for (std::size_t page = 16; (page + 1) * 4096 <= good.size(); ++page) {
    std::string bad = good;
    bad[page * 4096 + 100] ^= 1;
    write_file(path, bad);
    const Ended ended = kvtool({"check", path, "--format", "ndjson"});
    if (contains(ended.data, R"("table":"numbers")")) ++named;
    CHECK((ended.status == ExitStatus::ok || ended.status == ExitStatus::corruption));
    CHECK(read_file(path) == bad);
  }
  CHECK(named == 1);
}

TEST_CASE("a file too damaged to be opened sends nobody to the check") {
  const TemporaryDirectory directory;
  const std::string path = directory / "numbers.quire";
  make_numbers(path);
  std::filesystem::resize_file(path, 65536);
  for (const char* command : {"info", "check", "scan", "dump"}) {
    CAPTURE(command);
    const Ended ended = kvtool({command, path});
    CHECK(ended.status == ExitStatus::corruption);
    CHECK(contains(ended.complaint, path));
    CHECK_FALSE(contains(ended.complaint, "kvtool check"));
  }
}

TEST_CASE("a dump overwrites nothing") {
  const TemporaryDirectory directory;
  const std::string path = directory / "numbers.quire";
  make_numbers(path);
  const std::string before = read_file(path);
  const Ended ended = kvtool({"dump", path, "-o", path});
  CHECK(ended.status == ExitStatus::io_failed);
  CHECK(contains(ended.complaint, "is there already"));
  CHECK(read_file(path) == before);
}

TEST_CASE("a command line that makes no sense gets one line") {
  const std::vector<std::vector<std::string>> command_lines{
      {},
      {"\x1b[31mred"},
      {"info"},
      {"info", "a", "b"},
      {"scan", "a", "--limit", "-3"},
      {"scan", "a", "--limit", "99999999999999999999"},
      {"info", "a", "--format", "xml"},
      {"dump", "a", "--format", "table"},
      {"dump", "a", "--encoding", "redacted"},
      {"dump", "a", "--value-format", "redacted"},
      {"scan", "a", "--value-format", "json"}};
  for (const auto& arguments : command_lines) {
    const Ended ended = kvtool(arguments);
    CAPTURE(ended.complaint);
    CHECK(ended.status == ExitStatus::usage);
    REQUIRE(ended.complaint.ends_with("--help` for what is possible\n"));
    const std::string line = ended.complaint.substr(0, ended.complaint.size() - 1);
    CHECK(one_line(line) == line);
  }
}

TEST_CASE("a message is one line that leaves the terminal alone") {
  CHECK(one_line("Z\xC3\xBCrich is there") == "Z\xC3\xBCrich is there");
  CHECK(one_line("a\nb\x1b[2J\x7F") == R"(a\x0ab\x1b[2J\x7f)");
}

TEST_CASE("what to write for a scalar can be written") {
  for (const auto* word : {"u8", "u64", "i8", "i64"}) {
    CAPTURE(word);
    const auto scalar = scalar_of({.word = word, .arguments = {}});
    REQUIRE(scalar.has_value());
    const std::string how = how_to_write(*scalar);
    const std::size_t from = how.find("from ") + 5;
    const std::size_t to = how.find(" to ");
    CHECK(read_scalar(*scalar, how.substr(from, to - from)).has_value());
    CHECK(read_scalar(*scalar, how.substr(to + 4)).has_value());
    CHECK_FALSE(read_scalar(*scalar, how.substr(to + 4) + "0").has_value());
  }
}

}  // namespace
}  // namespace kvtool::test
