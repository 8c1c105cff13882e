// How keys and values are shown and read where a person asked for a form.
#include "tools/notation.hpp"

#include <doctest/doctest.h>

#include <string>

#include "quire/formats/compressed.hpp"
#include "support/temporary_directory.hpp"
#include "tools/byte_text.hpp"
#include "tools/shown.hpp"
#include "unit/tools/run_kvtool.hpp"
#include "unit/tools/sample_tables.hpp"

namespace kvtool::test {
namespace {

using quire::test::TemporaryDirectory;

constexpr const char* secret = "Ada Lovelace";

/// A table of people, whose keys and values are secrets.
void make_people(const std::string& path) {
  auto storage = quire::StorageBuilder(path).build().value();
  auto people = storage.new_table<std::string, std::string>("people").build().value();
  people.put(secret, std::string("the countess ") + secret).value();
  storage.close().value();
}

TEST_CASE("what is redacted is nowhere in what is shown") {
  const TemporaryDirectory directory;
  const std::string path = directory / "people.quire";
  make_people(path);
  for (const std::string command : {"scan", "get"}) {
    for (const std::string format : {"table", "json", "ndjson"}) {
      std::vector<std::string> arguments{command,        path,       "--format",       format,
                                         "--key-format", "redacted", "--value-format", "redacted"};
      if (command == "get") arguments.emplace_back(secret);
      const Ended ended = kvtool(arguments);
      CAPTURE(ended.data);
      CHECK(ended.status == ExitStatus::ok);
      CHECK_FALSE(contains(ended.data, "Ada"));
      CHECK_FALSE(contains(ended.data, "416461"));
      CHECK(contains(ended.data, "<redacted text, 25 bytes>"));
    }
  }
  const Ended missing = kvtool({"get", path, "--key-format", "redacted", "Grace Hopper"});
  CHECK(missing.status == ExitStatus::different);
  CHECK_FALSE(contains(missing.complaint, "Grace"));
}

TEST_CASE("keys and values are given where they are redacted as where they are shown") {
  const TemporaryDirectory directory;
  const std::string path = directory / "people.quire";
  make_people(path);
  const std::vector<std::string> redacted{"--key-format", "redacted", "--value-format", "redacted"};
  const auto with_redacted = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin() + 2, redacted.begin(), redacted.end());
    return kvtool(arguments);
  };
  CHECK(with_redacted({"put", path, "Grace", "an admiral"}).status == ExitStatus::ok);
  CHECK(kvtool({"get", path, "Grace"}).data == "an admiral\n");
  CHECK(with_redacted({"scan", path, "--prefix", "Gr"}).data ==
        "KEY                         VALUE\n"
        "<redacted string, 5 bytes>  <redacted text, 10 bytes>\n");
  CHECK(with_redacted({"del", path, "Grace"}).status == ExitStatus::ok);
  CHECK(kvtool({"get", path, "Grace"}).status == ExitStatus::different);
}

TEST_CASE("no value of any table is shown where it is redacted") {
  const TemporaryDirectory directory;
  const std::string path = directory / "sample.quire";
  make_sample_tables(path);
  for (const auto& [name, content] : content_of_file(path)) {
    CAPTURE(name);
    const auto notation =
        Notation::make(NotationKind::redacted, Side::value, content.value_descriptor).value();
    for (const auto& [key, value] : content.entries) {
      const std::string type =
          content.value_descriptor.substr(0, content.value_descriptor.find('('));
      CHECK(notation.show(value) ==
            Json("<redacted " + type + ", " + std::to_string(value.size()) + " bytes>"));
    }
  }
}

std::string shown(const std::string& descriptor, Bytes stored) {
  return to_text(Notation(Side::value, descriptor).show(stored));
}

TEST_CASE("compressed values are shown and read as what they hold") {
  const auto packed = [](std::string_view value) {
    return copy_of(quire::detail::pack(quire::as_bytes(value), 3).bytes());
  };
  const std::string long_text(1000, 'x');
  CHECK(shown("zstd(text)", packed(long_text)) == to_text(Json(long_text)));
  CHECK(shown("zstd(text)", packed("a")) == R"("a")");
  CHECK(shown("zstd(raw)", packed("ab")) == R"("0x6162")");
  CHECK(shown("zstd(plain(u16))", packed(std::string_view("\x07\x00", 2))) == "7");
  CHECK(shown("zstd(plain(u16))", packed("abc")) == R"({"hex":"00616263"})");
  CHECK(shown("zstd(text)", quire::as_bytes("\x01\x02")) == R"({"hex":"0102"})");
  // Says that it has 4 GiB.
  CHECK(shown("zstd(text)", quire::as_bytes("\x01\xFF\xFF\xFF\xFF\x28")) ==
        R"({"hex":"01ffffffff28"})");
  const Notation texts(Side::value, "zstd(text)");
  CHECK(texts.read(long_text).value() == packed(long_text));
  CHECK(texts.read_file_content(long_text + "\n").value() == packed(long_text + "\n"));
  CHECK(texts.check(packed(long_text)).has_value());
  CHECK_FALSE(texts.check(quire::as_bytes(long_text)).has_value());
  const Notation raw(Side::value, "zstd(raw)");
  CHECK(raw.read("0x6162").value() == packed("ab"));
  CHECK(raw.read_file_content("0x6162").value() == packed("0x6162"));
}

TEST_CASE("a descriptor for people leaves out what only programs read") {
  CHECK(brief_descriptor("flatbuffers(M,table(M,0:a:i8),bfbs:AAAA)") ==
        "flatbuffers(M,table(M,0:a:i8))");
  CHECK(brief_descriptor("zstd(flatbuffers(M,table(M),bfbs:AAAA))") ==
        "zstd(flatbuffers(M,table(M)))");
  CHECK(brief_descriptor("text") == "text");
}

}  // namespace
}  // namespace kvtool::test
