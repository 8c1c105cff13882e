// Dumps: whatever is in a file, loading a dump of it gives the same bytes.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "tools/byte_text.hpp"
#include "tools/dump_value.hpp"
#include "tools/json.hpp"
#include "unit/tools/run_kvtool.hpp"
#include "unit/tools/sample_tables.hpp"

namespace kvtool::test {
namespace {

using quire::test::TemporaryDirectory;

/// A dump of the sample tables, of which a copy is loaded.
struct Dumped {
  std::string dump;
  bool is_equal = false;
};
Dumped dump_and_load(const std::vector<std::string>& options) {
  const TemporaryDirectory directory;
  const std::string source = directory / "source.quire";
  make_sample_tables(source);
  std::vector<std::string> arguments{"dump", source};
  arguments.insert(arguments.end(), options.begin(), options.end());
  Ended dumped = kvtool(arguments);
  REQUIRE_MESSAGE(dumped.status == ExitStatus::ok, dumped.complaint);
  write_file(directory / "dump", dumped.data);
  const std::string target = directory / "target.quire";
  const Ended loaded = kvtool({"load", target, "-i", directory / "dump"});
  REQUIRE_MESSAGE(loaded.status == ExitStatus::ok, loaded.complaint);
  return {dumped.data, content_of_file(target) == content_of_file(source)};
}

std::vector<Json> lines_of(const std::string& ndjson) {
  std::vector<Json> lines;
  std::istringstream stream(ndjson);
  for (std::string line; std::getline(stream, line);) lines.push_back(parse_json(line).value());
  return lines;
}

TEST_CASE("a loaded dump has the bytes of what was dumped, in every encoding and format") {
  for (const std::string encoding : {"typed", "base64", "hex"}) {
    CAPTURE(encoding);
    const Dumped lines = dump_and_load({"--encoding", encoding});
    CHECK(lines.is_equal);
    const Dumped document = dump_and_load({"--encoding", encoding, "--format", "json"});
    CHECK(document.is_equal);
    const auto array = parse_json(document.dump);
    REQUIRE(array.has_value());
    CHECK(array->get<std::vector<Json>>() == lines_of(lines.dump));
  }
}

TEST_CASE("a backup has the bytes of the source, and harms nothing that is there") {
  const TemporaryDirectory directory;
  const std::string source = directory / "source.quire";
  const std::string copy = directory / "copy.quire";
  make_sample_tables(source);
  const Ended copied = kvtool({"backup", source, copy});
  REQUIRE_MESSAGE(copied.status == ExitStatus::ok, copied.complaint);
  CHECK(content_of_file(copy) == content_of_file(source));
  CHECK(kvtool({"check", copy}).status == ExitStatus::ok);
  const Ended again = kvtool({"backup", source, copy});
  CHECK(again.status == ExitStatus::usage);
  CHECK(again.complaint.contains("name a path where there is none"));
  CHECK(kvtool({"backup", source}).status == ExitStatus::usage);
}

TEST_CASE("a dump is typed by itself, and writes bytes only where it must") {
  const auto lines = lines_of(dump_and_load({}).dump);
  CHECK(lines.front()["encoding"].get<std::string>() == "typed");
  const auto count = [&](std::string_view table, const char* member, bool is_bytes) {
    return std::count_if(lines.begin() + 1, lines.end(), [&](const Json& line) {
      const Json& part = line[member];
      return line["table"].get<std::string>() == table &&
             (part.is_object() && part.contains("hex")) == is_bytes;
    });
  };
  // Three entries of each table are no values of its type.
  for (const char* table : {"numbers", "books", "monsters", "compressed texts", "shields"}) {
    CAPTURE(table);
    CHECK(count(table, "value", false) >= 1);
  }
  CHECK(count("numbers", "value", false) == 3);
  CHECK(count("books", "value", false) == 5);
  CHECK(count("monsters", "value", false) == 2);          // the third was built by hand
  CHECK(count("compressed books", "value", false) == 0);  // at another level
  CHECK(count("archived colours", "value", false) == 0);  // their only field is called hex
  CHECK(count("colours", "key", false) == 0);
}

DumpedForm form_of(DumpEncoding encoding, const std::string& descriptor) {
  return {encoding, Side::value, descriptor};
}
std::string dumped(const std::string& descriptor, std::string_view hex) {
  return form_of(DumpEncoding::typed, descriptor).write(from_hex(hex).value());
}

TEST_CASE("golden forms of dumped values") {
  CHECK(dumped("plain(u32)", "07000000") == "7");
  CHECK(dumped("plain(u32)", "0700") == R"({"hex":"0700","is_value":false})");
  CHECK(dumped("plain(f32)", "000080ff") == R"("-inf")");
  CHECK(dumped("plain(f32)", "0100c0ff") == R"({"hex":"0100c0ff"})");  // a NaN among many
  CHECK(dumped("text", "61") == R"("a")");
  CHECK(dumped("text", "ff") == R"({"hex":"ff"})");
  CHECK(dumped("raw", "ff") == R"({"hex":"ff"})");
  CHECK(dumped("empty", "") == "null");
  CHECK(dumped("no such format", "00") == R"({"hex":"00"})");
  CHECK(dumped("plain(Point,size=2,align=1)", "0001") == R"({"hex":"0001"})");
  CHECK(dumped("plain(Point,size=2,align=1)", "00") == R"({"hex":"00","is_value":false})");
  const DumpedForm hex = form_of(DumpEncoding::hex, "plain(u16)");
  CHECK(hex.write(from_hex("0100").value()) == R"("0100")");
  CHECK(hex.write(from_hex("01").value()) == R"({"hex":"01","is_value":false})");
}

// A hand that slipped, or another kvtool's way to write bytes.
TEST_CASE("what is no value is refused, unless it says so") {
  const DumpedForm typed = form_of(DumpEncoding::typed, "plain(u16)");
  for (const std::string bad : {R"({"hex":"01"})", R"({"hex":"0100","is_value":true})",
                                R"({"hex":"010"})", R"({"hex":1})", R"({"hex":"0100","other":1})",
                                R"({"is_value":false})", "65536", "null", R"("one")", "[1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(typed.read(parse_json(bad).value()).has_value());
  }
  CHECK(typed.read(Json("0x0100")).value() == from_hex("0001").value());  // as people may write it
  CHECK(typed.read(parse_json(R"({"hex":"01","is_value":false})").value()).has_value());
  const DumpedForm raw = form_of(DumpEncoding::typed, "raw");
  CHECK(raw.read(parse_json(R"({"hex":"01"})").value()).has_value());
  CHECK_FALSE(raw.read(Json("01")).has_value());
}

std::string document(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

TEST_CASE("a document that is cut off, or goes on behind its end, changes nothing") {
  const TemporaryDirectory directory;
  const std::string header =
      R"x({"quire_dump":1,"encoding":"typed","page_size":4096,"tables":[)x"
      R"x({"name":"t","alignment":4,"key":"u32","value":"plain(u32)","entries":1}]})x";
  const std::string entry = R"({"table":"t","key":1,"value":2})";
  const auto status_of_load = [&](const std::vector<std::string>& lines) {
    write_file(directory / "dump", document(lines));
    const Ended ended = kvtool({"load", directory / "made.quire", "-i", directory / "dump"});
    if (ended.status != ExitStatus::ok) {
      CHECK_FALSE(std::filesystem::exists(directory / "made.quire"));
    }
    std::filesystem::remove(directory / "made.quire");
    return ended.status;
  };
  CHECK(status_of_load({"[", header + ",", entry, "]"}) == ExitStatus::ok);
  CHECK(status_of_load({"[", header + ", ", entry, "]", ""}) == ExitStatus::ok);
  CHECK(status_of_load({header, entry}) == ExitStatus::ok);
  CHECK(status_of_load({"[", header + ",", entry}) == ExitStatus::usage);
  CHECK(status_of_load({"[", header + ",", entry, "]", entry}) == ExitStatus::usage);
  CHECK(status_of_load({"[", header, "]"}) == ExitStatus::usage);
  CHECK(status_of_load({header, entry, "]"}) == ExitStatus::usage);
  CHECK(status_of_load({"["}) == ExitStatus::usage);
  CHECK(status_of_load({"[", "]"}) == ExitStatus::usage);
}

}  // namespace
}  // namespace kvtool::test
