// One wrong bit, anywhere in a file: the old answer or an error, and never anything else.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "image.hpp"
#include "image_disk.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::size_t room_to_write = std::size_t{1} << 20;

struct Outcomes {
  int refused = 0;   // not opened
  int partly = 0;    // opened, and some table was not readable to its end
  int unharmed = 0;  // every answer was given
};

constexpr std::array new_key{std::byte{0xff}, std::byte{0xfe}};

/// Puts one more entry into the table "rows". Nothing: it could not be done.
Status put_one_more(const Database& database) {
  auto txn = database.begin_write();
  if (!txn) return fail(txn);
  const auto info = txn->table("rows");
  if (!info) return fail(info);
  if (!*info) return fail(ErrorCode::table_missing);
  const auto put = txn->put((*info)->root.table, "rows", Bytes(new_key), as_bytes("12345678"));
  if (!put) return fail(put);
  if (const auto done = std::move(*txn).commit(); !done) return fail(done);
  return {};
}

Content content_with_one_more() {
  Content content = image_content();
  content[2].entries.emplace_back(std::string(as_text(new_key)), "12345678");
  return content;
}

/// What a program that reads and writes gets from the damaged file.
std::string use_for_writing(const Database& database) {
  static const Content one_more = content_with_one_more();
  int answered = 0;
  if (!put_one_more(database)) return wrong_answer(database, image_content(), answered);
  return wrong_answer(database, one_more, answered);
}

std::string use(ImageDisk& disk, Access access, bool writes, Outcomes& outcomes) {
  const Result<Database> database = Database::open("image", options_for(disk, access));
  if (!database) {
    ++outcomes.refused;
    return {};
  }
  int answered = 0;
  std::string wrong = wrong_answer(*database, image_content(), answered);
  const bool is_all = answered == static_cast<int>(image_content().size());
  ++(is_all ? outcomes.unharmed : outcomes.partly);
  return wrong.empty() && writes ? use_for_writing(*database) : wrong;
}

/// Flips every stride-th bit of the file in turn.
Outcomes flip_bits(Access access, std::size_t stride, std::size_t writing_stride) {
  const std::size_t room = access == Access::read_only ? 0 : room_to_write;
  ImageDisk disk(image(), room);
  Outcomes outcomes;
  const std::size_t bits = 8 * image().size();
  for (std::size_t bit = 0; bit < bits; bit += stride) {
    const auto mask = static_cast<std::byte>(1U << bit % 8);
    disk.bytes()[bit / 8] ^= mask;
    const bool writes = access == Access::read_write && bit / stride % writing_stride == 0;
    const std::string wrong = use(disk, access, writes, outcomes);
    disk.restore();
    disk.bytes()[bit / 8] ^= mask;
    if (wrong.empty()) continue;
    FAIL_CHECK("with bit " << bit % 8 << " of byte " << bit / 8 << " flipped: " << wrong);
    break;
  }
  return outcomes;
}

/// At volume 1 every bit; at less, bits that are spread over all places in a byte and a page.
std::size_t stride_at_volume(std::size_t whole) {
  const std::size_t wanted = scaled(whole);
  return wanted >= whole ? 1 : whole / wanted | 1;
}

void check_outcomes(const Outcomes& outcomes) {
  MESSAGE("refused " << outcomes.refused << ", readable in part " << outcomes.partly
                     << ", unharmed " << outcomes.unharmed);
  CHECK(outcomes.partly > 0);
  CHECK(outcomes.unharmed > 0);
}

TEST_CASE("a flipped bit gives the old answer or an error to a reader") {
  check_outcomes(flip_bits(Access::read_only, stride_at_volume(1000), 1));
}

TEST_CASE("a flipped bit gives the old answer or an error to a writer") {
  check_outcomes(flip_bits(Access::read_write, stride_at_volume(1000), 8));
}

// Without this, the two above could pass by reading nothing.
TEST_CASE("the image without any flipped bit has its whole content") {
  ImageDisk disk(image(), room_to_write);
  for (const Access access : {Access::read_only, Access::read_write}) {
    const Database database = Database::open("image", options_for(disk, access)).value();
    int answered = 0;
    CHECK(wrong_answer(database, image_content(), answered) == "");
    CHECK(answered == 4);
    CHECK(database.check().value().is_clean());
  }
  const Database database = Database::open("image", options_for(disk, Access::read_write)).value();
  CHECK(put_one_more(database).has_value());
  int answered = 0;
  CHECK(wrong_answer(database, content_with_one_more(), answered) == "");
  CHECK(wrong_answer(database, image_content(), answered) != "");
}

}  // namespace
}  // namespace quire::test
