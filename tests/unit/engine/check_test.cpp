#include "quire/engine/check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "quire/engine/page/branch_editor.hpp"
#include "quire/engine/page/leaf_editor.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/page_accounts.hpp"
#include "quire/engine/space/space_log.hpp"
#include "quire/engine/txn/catalog.hpp"
#include "quire/engine/txn/meta.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {
namespace {

constexpr std::uint32_t page_size = layout::default_page_size;

/// A sound database with a branch, leaves, a run and dead pages, and ways to spoil its file while
/// it is open. The check reads the pages again, so it sees what was done.
class Patient {
 public:
  Patient() {
    // Of those the slot would tell where their trees are, and not their records.
    for (std::size_t count = 0; count < State::near_tables; ++count)
      store_.table("near " + std::to_string(count));
    table_ = store_.table("t", aligned_to(8));
    const NamedTable other = store_.table("other");
    WriteTransaction fill = store_.begin();
    for (std::uint64_t number = 0; number < 600; ++number)
      put(fill, table_, key_of(number), std::string(number % 2 == 0 ? 60 : 61, 'v'));
    put(fill, table_, key_of(5), std::string(10'000, 'l'));
    put(fill, other, "only", "one");
    commit(fill);
    WriteTransaction again = store_.begin();
    put(again, table_, key_of(7), "another");
    commit(again);
    const Snapshot snapshot = store_.snapshot();
    state_ = snapshot.state();
    seed_ = snapshot.pages().seed();
    root_ = root_of(snapshot, table_);
    other_ = root_of(snapshot, other);
    REQUIRE(root_.level == 1);
    file_ = store_.files().open(Store::path, Access::read_write).value();
    map_ = file_->map(1 << 20).value();
  }

  [[nodiscard]] CheckReport check() { return store_.database().check().value(); }
  [[nodiscard]] const TreeRoot& root() const { return root_; }
  [[nodiscard]] const TreeRoot& other() const { return other_; }
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] Bytes bytes(PageNo page) const {
    return map_.subspan(std::size_t{page.value} * page_size, page_size);
  }
  [[nodiscard]] BranchView branch() const { return {bytes(root_.page.number()).data(), page_size}; }
  [[nodiscard]] PageNo leaf(std::uint32_t child) const { return branch().child(child).number(); }
  [[nodiscard]] PageNo run() const {
    const LeafView first(bytes(leaf(0)).data(), page_size);
    return {overlay<layout::OverflowReference>(first.value(5).bytes.data())->first_page};
  }

  /// Writes a page as a program that is wrong would: with a checksum that holds.
  template <class Change>
  void change(PageNo page, Change&& change) {
    std::vector<std::byte> copy(bytes(page).begin(), bytes(page).end());
    change(MutableBytes(copy));
    const auto& header = *overlay<layout::PageHeader>(copy.data());
    seal_page(copy, {page, {header.born}, {header.table}}, seed_);
    write(page, copy);
  }
  /// Flips a bit, as a bad disk would.
  void damage(PageNo page, std::size_t offset) {
    std::vector<std::byte> copy(bytes(page).begin(), bytes(page).end());
    copy[offset] ^= std::byte{4};
    write(page, copy);
  }
  /// Makes the newest record of the space log another, of one page as before.
  template <class Change>
  void change_log(Change&& change_record) {
    const auto read = [&](PageNo page, TxnId) -> Result<Bytes> { return bytes(page); };
    LogRecord record = read_log({}, {state_.log_page, state_.log_born}, read).value().back();
    REQUIRE(record.pages.size() == 1);
    const auto& header = *overlay<layout::LogPageHeader>(bytes(state_.log_page).data());
    const LogHead previous{{header.previous_page}, {header.previous_born}};
    change_record(record);
    change(state_.log_page, [&](MutableBytes page) {
      std::vector<std::byte> fresh(page_size);
      const MutableBytes target(fresh);
      encode_log_record(record, {}, previous, {&target, 1});
      std::copy(page.begin(), page.begin() + 32, fresh.begin());
      auto& sealed = *overlay<layout::PageHeader>(fresh.data());
      sealed.first = static_cast<std::uint16_t>(record.extents.size());
      sealed.second = static_cast<std::uint16_t>(record.dead.size());
      std::copy(fresh.begin(), fresh.end(), page.begin());
    });
  }

  /// Makes the catalog say something else of the table.
  template <class Change>
  void change_record(Change&& change_record) {
    change(state_.catalog.page.number(), [&](MutableBytes page) {
      const LeafView catalog(page.data(), page_size);
      const Position place = catalog.find(as_bytes(record_key(table_.name)));
      REQUIRE(place.found);
      const auto offset = catalog.value(place.index).bytes.data() - page.data();
      change_record(*overlay<layout::TableRecord>(page.data() + offset));
    });
  }

 private:
  /// Behind the database's back, but its map shows it.
  void write(PageNo page, Bytes copy) {
    file_->write(std::uint64_t{page.value} * page_size, {&copy, 1}).value();
  }

  Store store_{{.log_in_slots = false}};
  NamedTable table_;
  State state_;
  FileSeed seed_;
  TreeRoot root_;
  TreeRoot other_;
  std::unique_ptr<File> file_;
  Bytes map_;
};

/// One way to spoil a file, and what the check must say of it.
struct Defect {
  const char* text;  ///< a part of the finding's line
  void (*plant)(Patient&);
  PageNo (*page)(const Patient&);  ///< that the finding names
  Finding::Severity severity = Finding::Severity::corruption;
};

PageNo root_page(const Patient& patient) { return patient.root().page.number(); }
PageNo first_leaf(const Patient& patient) { return patient.leaf(0); }
PageNo second_leaf(const Patient& patient) { return patient.leaf(1); }
PageNo log_page(const Patient& patient) { return patient.state().log_page; }

layout::PageHeader& header_of(MutableBytes page) {
  return *overlay<layout::PageHeader>(page.data());
}

const std::vector<Defect>& page_defects() {
  static const std::vector<Defect> defects = {
      {"the checksum does not hold",
       [](Patient& patient) { patient.damage(patient.leaf(1), 2000); }, second_leaf},
      {"the checksum does not hold",
       [](Patient& patient) { patient.damage(root_page(patient), 4000); }, root_page},
      {"belongs to another table",
       [](Patient& patient) {
         patient.change(patient.leaf(1), [](MutableBytes page) { header_of(page).table = 77; });
       },
       second_leaf},
      {"newer than what refers to it",
       [](Patient& patient) {
         patient.change(patient.leaf(1),
                        [](MutableBytes page) { header_of(page).born = 0xffff'ffff'ffff; });
       },
       second_leaf},
      {"another kind or level",
       [](Patient& patient) {
         patient.change(root_page(patient), [&](MutableBytes page) {
           BranchEditor(page).set_child(1, patient.other().page);
           header_of(page).flags = static_cast<std::uint8_t>(header_of(page).flags + 1);
         });
       },
       root_page},
  };
  return defects;
}

const std::vector<Defect>& tree_defects() {
  static const std::vector<Defect> defects = {
      {"beyond the end of the pages",
       [](Patient& patient) {
         patient.change(root_page(patient), [](MutableBytes page) {
           BranchEditor(page).set_child(2, PageNo{1'000'000});
         });
       },
       [](const Patient&) { return PageNo{1'000'000}; }},
      {"referred to twice",
       [](Patient& patient) {
         patient.change(root_page(patient), [&](MutableBytes page) {
           BranchEditor(page).set_child(1, patient.leaf(0));
         });
       },
       first_leaf},
      {"begins before the separator left of it",
       [](Patient& patient) {
         const PageNo first = patient.leaf(0);
         patient.change(root_page(patient), [&](MutableBytes page) {
           BranchEditor(page).set_child(0, patient.leaf(1));
           BranchEditor(page).set_child(1, first);
         });
       },
       first_leaf},
      {"reaches to the separator right of it",
       [](Patient& patient) {
         const PageNo first = patient.leaf(0);
         patient.change(root_page(patient), [&](MutableBytes page) {
           BranchEditor(page).set_child(0, patient.leaf(1));
           BranchEditor(page).set_child(1, first);
         });
       },
       second_leaf},
      {"a branch says that its child 2 has 999 entries",
       [](Patient& patient) {
         patient.change(root_page(patient),
                        [](MutableBytes page) { BranchEditor(page).set_entries(2, 999); });
       },
       root_page},
      {"aligns its values otherwise",
       [](Patient& patient) {
         patient.change_record([](layout::TableRecord& record) { record.alignment_log2 = 2; });
       },
       second_leaf},
      {"the tree has 600 entries, its root says 601",
       [](Patient& patient) {
         patient.change_record([](layout::TableRecord& record) { record.entry_count = 601; });
       },
       root_page},
      {"named by page", [](Patient& patient) { patient.damage(patient.run(), 3000); },
       [](const Patient& patient) { return patient.run(); }},
  };
  return defects;
}

const std::vector<Defect>& space_defects() {
  static const std::vector<Defect> defects = {
      {"a page of the space log is damaged",
       [](Patient& patient) { patient.damage(patient.state().log_page, 100); }, log_page},
      {"neither in use nor free",
       [](Patient& patient) {
         patient.change_log([](LogRecord& record) { record.dead.pop_back(); });
       },
       nullptr, Finding::Severity::minor},
      {"a page in use is said to be free",
       [](Patient& patient) {
         patient.change_log([&](LogRecord& record) {
           record.dead.push_back({{patient.leaf(3), 1}, {1}, record.txn});
         });
       },
       [](const Patient& patient) { return patient.leaf(3); }},
      {"pages were taken twice",
       [](Patient& patient) {
         patient.change_log(
             [](LogRecord& record) { record.extents.push_back(record.extents.front()); });
       },
       nullptr},
      {"tell page counts apart",
       [](Patient& patient) {
         patient.change_log(
             [](LogRecord& record) { record.page_count = record.page_count.after(1); });
       },
       log_page},
  };
  return defects;
}

void require_found(const Defect& defect, std::size_t index) {
  CAPTURE(index);
  const std::string text = defect.text;
  CAPTURE(text);
  Patient patient;
  const CheckReport before = patient.check();
  REQUIRE(before.is_clean());
  REQUIRE(before.findings.empty());
  const PageNo page = defect.page == nullptr ? no_page : defect.page(patient);
  defect.plant(patient);
  const CheckReport report = patient.check();
  REQUIRE_FALSE(report.is_clean());
  std::string all;
  for (const Finding& finding : report.findings)
    all += std::to_string(finding.page.value) + ": " + finding.text + "\n";
  CAPTURE(all);
  const bool is_named =
      std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
        return finding.text.find(text) != std::string::npos &&
               finding.severity == defect.severity && (page == no_page || finding.page == page);
      });
  CHECK(is_named);
  CHECK(report.has_corruption() == (defect.severity == Finding::Severity::corruption));
}

// Law: whatever is wrong with a tree is found, and the finding says what it is and where.
TEST_CASE("each kind of damage to a tree is found and named") {
  for (const auto* defects : {&page_defects(), &tree_defects()})
    for (std::size_t index = 0; index < defects->size(); ++index)
      require_found((*defects)[index], index);
}

TEST_CASE("a slot that miscounts a table's entries is found") {
  MemoryFileSystem files;
  Options options;
  options.file_system = &files;
  {
    const Database database = Database::open("file", options).value();
    WriteTransaction txn = database.begin_write().value();
    put(txn, make_table(txn, "t"), "key", "value");
    commit(txn);
  }
  const auto file = files.open("file", Access::read_write).value();
  const Bytes map = file->map(1 << 20).value();
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    Meta meta = decode_meta(map.subspan(slot_offset(slot), layout::meta_slot_size)).value().value();
    if (meta.state.near[0].entries == 0) continue;
    ++meta.state.near[0].entries;
    const layout::MetaSlot changed = encode_meta(meta);
    const Bytes bytes = std::as_bytes(std::span(&changed, 1));
    file->write(slot_offset(slot), {&bytes, 1}).value();
  }
  const CheckReport report = Database::open("file", options).value().check().value();
  REQUIRE(report.has_corruption());
  CHECK(report.findings[0].text == "the tree has 1 entries, its root says 2");
}

TEST_CASE("each kind of wrong account of pages is found and named") {
  for (std::size_t index = 0; index < space_defects().size(); ++index)
    require_found(space_defects()[index], index);
}

TEST_CASE("accounts give each page to one owner and list those without") {
  PageAccounts accounts({16}, {30});
  CHECK_FALSE(accounts.claim({{16}, 4}, PageUse::tree));
  CHECK_FALSE(accounts.claim({{25}, 2}, PageUse::free));
  const auto twice = accounts.claim({{18}, 6}, PageUse::log);
  REQUIRE(twice);
  CHECK(twice->page == PageNo{18});
  CHECK(twice->use == PageUse::tree);
  for (const Extent& outside : {Extent{{15}, 1}, Extent{{29}, 2}, Extent{{31}, 1}}) {
    const auto conflict = accounts.claim(outside, PageUse::free);
    REQUIRE(conflict);
    CHECK(conflict->use == PageUse::nobody);
  }
  // What failed has booked nothing.
  CHECK(accounts.unclaimed() == std::vector<Extent>{{{20}, 5}, {{27}, 3}});
}

}  // namespace
}  // namespace quire::test
