// The text and the code say the same of every byte: docs/file-format.md against layout.hpp.
#include "quire/engine/page/layout.hpp"

#include <doctest/doctest.h>

#include <concepts>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "format_document.hpp"
#include "quire/engine/base/ids.hpp"

namespace quire::test {
namespace {

using namespace layout;

template <class T>
std::string documented_type() {
  if (std::same_as<T, std::uint8_t>) return "u8";
  if (std::same_as<T, U16le>) return "u16";
  if (std::same_as<T, U32le>) return "u32";
  if (std::same_as<T, U48le>) return "u48";
  if (std::same_as<T, U64le>) return "u64";
  if (std::same_as<T, U64le[2]>) return "u64, u64";
  if (std::same_as<T, PageHeader>) return "PageHeader";
  return "bytes";
}

#define FIELD(Struct, member)                                  \
  DocumentedField {                                            \
    offsetof(Struct, member), sizeof(Struct::member), #member, \
        documented_type<decltype(Struct::member)>()            \
  }

struct CodeStruct {
  std::string name;
  std::size_t size;
  std::vector<DocumentedField> fields;
};

CodeStruct meta_slot() {
  return {"MetaSlot",
          sizeof(MetaSlot),
          {FIELD(MetaSlot, magic),
           FIELD(MetaSlot, format_version),
           FIELD(MetaSlot, page_size),
           FIELD(MetaSlot, compatible_features),
           FIELD(MetaSlot, read_only_features),
           FIELD(MetaSlot, incompatible_features),
           FIELD(MetaSlot, file_id),
           FIELD(MetaSlot, sequence),
           FIELD(MetaSlot, txn),
           FIELD(MetaSlot, durable),
           FIELD(MetaSlot, ceiling),
           FIELD(MetaSlot, log_born),
           FIELD(MetaSlot, page_count),
           FIELD(MetaSlot, catalog_root),
           FIELD(MetaSlot, catalog_entries),
           FIELD(MetaSlot, log_page),
           FIELD(MetaSlot, next_table),
           FIELD(MetaSlot, catalog_level),
           FIELD(MetaSlot, log_tail_size),
           FIELD(MetaSlot, reserved),
           FIELD(MetaSlot, time),
           FIELD(MetaSlot, boot_id),
           FIELD(MetaSlot, near),
           FIELD(MetaSlot, log_tail),
           FIELD(MetaSlot, redo),
           FIELD(MetaSlot, checksum)}};
}

CodeStruct near_table() {
  return {"NearTable",
          sizeof(NearTable),
          {FIELD(NearTable, id), FIELD(NearTable, root), FIELD(NearTable, entry_count),
           FIELD(NearTable, level), FIELD(NearTable, alignment_log2), FIELD(NearTable, reserved)}};
}

std::vector<CodeStruct> pages() {
  return {
      {"PageHeader",
       sizeof(PageHeader),
       {FIELD(PageHeader, checksum), FIELD(PageHeader, born), FIELD(PageHeader, type),
        FIELD(PageHeader, flags), FIELD(PageHeader, number), FIELD(PageHeader, table),
        FIELD(PageHeader, entry_count), FIELD(PageHeader, prefix_length), FIELD(PageHeader, first),
        FIELD(PageHeader, second)}},
      {"LeafEntryHeader",
       sizeof(LeafEntryHeader),
       {FIELD(LeafEntryHeader, remaining_key), FIELD(LeafEntryHeader, value_length)}},
      {"OverflowReference",
       sizeof(OverflowReference),
       {FIELD(OverflowReference, first_page), FIELD(OverflowReference, reserved),
        FIELD(OverflowReference, length)}},
      {"BranchEntryHeader", sizeof(BranchEntryHeader), {FIELD(BranchEntryHeader, remaining_key)}},
      {"OverflowHeader",
       sizeof(OverflowHeader),
       {FIELD(OverflowHeader, page), FIELD(OverflowHeader, value_length),
        FIELD(OverflowHeader, reserved)}}};
}

std::vector<CodeStruct> log_and_catalog() {
  return {{"LogPageHeader",
           sizeof(LogPageHeader),
           {FIELD(LogPageHeader, page), FIELD(LogPageHeader, previous_page),
            FIELD(LogPageHeader, fragment), FIELD(LogPageHeader, previous_born),
            FIELD(LogPageHeader, tail_size), FIELD(LogPageHeader, page_count),
            FIELD(LogPageHeader, fragment_count)}},
          {"LogExtent", sizeof(LogExtent), {FIELD(LogExtent, first), FIELD(LogExtent, count)}},
          {"LogDeadExtent",
           sizeof(LogDeadExtent),
           {FIELD(LogDeadExtent, first), FIELD(LogDeadExtent, count), FIELD(LogDeadExtent, born),
            FIELD(LogDeadExtent, died)}},
          {"LogTailRecord",
           sizeof(LogTailRecord),
           {FIELD(LogTailRecord, txn), FIELD(LogTailRecord, page_count),
            FIELD(LogTailRecord, extent_count), FIELD(LogTailRecord, dead_count)}},
          {"LogTailDead",
           sizeof(LogTailDead),
           {FIELD(LogTailDead, first), FIELD(LogTailDead, count), FIELD(LogTailDead, born)}},
          {"TableRecord",
           sizeof(TableRecord),
           {FIELD(TableRecord, id), FIELD(TableRecord, root), FIELD(TableRecord, entry_count),
            FIELD(TableRecord, created), FIELD(TableRecord, level),
            FIELD(TableRecord, alignment_log2), FIELD(TableRecord, flags)}},
          {"DescriptorHeader",
           sizeof(DescriptorHeader),
           {FIELD(DescriptorHeader, key_size), FIELD(DescriptorHeader, value_size)}}};
}

std::vector<CodeStruct> redo_log() {
  return {{"RedoArea",
           sizeof(RedoArea),
           {FIELD(RedoArea, first_page), FIELD(RedoArea, page_count), FIELD(RedoArea, born),
            FIELD(RedoArea, reserved)}},
          {"RedoRecordHeader",
           sizeof(RedoRecordHeader),
           {FIELD(RedoRecordHeader, checksum), FIELD(RedoRecordHeader, previous),
            FIELD(RedoRecordHeader, txn), FIELD(RedoRecordHeader, reserved),
            FIELD(RedoRecordHeader, size), FIELD(RedoRecordHeader, edit_count),
            FIELD(RedoRecordHeader, synced), FIELD(RedoRecordHeader, unused)}},
          {"RedoEditHeader",
           sizeof(RedoEditHeader),
           {FIELD(RedoEditHeader, table), FIELD(RedoEditHeader, key_size),
            FIELD(RedoEditHeader, value_size)}}};
}

#undef FIELD

std::vector<CodeStruct> all_structs() {
  std::vector<CodeStruct> all{meta_slot(), near_table()};
  for (const CodeStruct& one : pages()) all.push_back(one);
  for (const CodeStruct& one : log_and_catalog()) all.push_back(one);
  for (const CodeStruct& one : redo_log()) all.push_back(one);
  return all;
}

std::map<std::string, std::uint64_t> constants() {
  return {{"min_page_size", min_page_size},
          {"max_page_size", max_page_size},
          {"default_page_size", default_page_size},
          {"meta_slot_count", meta_slot_count},
          {"meta_slot_stride", meta_slot_stride},
          {"meta_slot_size", meta_slot_size},
          {"meta_area_size", meta_area_size},
          {"max_value_size", max_value_size},
          {"max_value_alignment", max_value_alignment},
          {"head_size", head_size},
          {"sample_stride", sample_stride},
          {"sample_threshold", sample_threshold},
          {"max_table_name_size", max_table_name_size},
          {"max_descriptor_size", max_descriptor_size},
          {"max_level", max_level},
          {"max_page_count", max_page_count},
          {"table_record_tag", static_cast<std::uint64_t>(table_record_tag)},
          {"descriptor_tag", static_cast<std::uint64_t>(descriptor_tag)},
          {"branch_level_mask", branch_level_mask},
          {"branch_pure", branch_pure},
          {"leaf_alignment_mask", leaf_alignment_mask},
          {"overflow_bit", overflow_bit},
          {"redo_log_feature", redo_log_feature},
          {"redo_record_alignment", redo_record_alignment},
          {"redo_erased", redo_erased},
          {"format_version", format_version}};
}

std::map<std::string, std::uint64_t> page_types() {
  const auto number = [](PageType type) { return static_cast<std::uint64_t>(type); };
  return {{"leaf", number(PageType::leaf)},
          {"rows", number(PageType::rows)},
          {"dense", number(PageType::dense)},
          {"branch", number(PageType::branch)},
          {"overflow", number(PageType::overflow)},
          {"log_record", number(PageType::log_record)},
          {"log_checkpoint", number(PageType::log_checkpoint)}};
}

std::map<std::string, std::uint64_t> numbers_of(const FormatDocument& document,
                                                std::string_view title) {
  std::map<std::string, std::uint64_t> numbers;
  for (const TableRow& row : document.rows_of(title)) numbers[row.at(0)] = std::stoull(row.at(1));
  return numbers;
}

// Law: the document has every struct of the file, with every field where the code has it.
TEST_CASE("the documented structs are those of the code, field by field") {
  const FormatDocument document;
  const std::vector<CodeStruct> structs = all_structs();
  CHECK(document.structs().size() == structs.size());
  for (const CodeStruct& code : structs) {
    CAPTURE(code.name);
    REQUIRE(document.structs().contains(code.name));
    const std::vector<DocumentedField>& fields = document.structs().at(code.name);
    REQUIRE(fields.size() == code.fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      CAPTURE(code.fields[i].name);
      CHECK(fields[i].name == code.fields[i].name);
      CHECK(fields[i].offset == code.fields[i].offset);
      CHECK(fields[i].size == code.fields[i].size);
      CHECK(fields[i].type == code.fields[i].type);
    }
  }
}

// Law: no byte of a struct is left out. A field that this test forgets would leave a hole.
TEST_CASE("documented fields follow each other without holes and fill their struct") {
  const FormatDocument document;
  for (const CodeStruct& code : all_structs()) {
    CAPTURE(code.name);
    std::size_t end = 0;
    for (const DocumentedField& field : document.structs().at(code.name)) {
      CHECK(field.offset == end);
      end = field.offset + field.size;
    }
    CHECK(end == code.size);
  }
}

TEST_CASE("documented constants and page types have the values of the code") {
  const FormatDocument document;
  CHECK(numbers_of(document, "constant") == constants());
  CHECK(numbers_of(document, "page type") == page_types());
}

TEST_CASE("documented limits that depend on the page size are those of the code") {
  for (std::uint32_t page_size = min_page_size; page_size <= max_page_size; page_size *= 2) {
    CAPTURE(page_size);
    CHECK(max_key_size(page_size) == page_size / 4);
    CHECK(max_inline_size(page_size) == page_size / 4);
    CHECK(first_page(page_size) == 65536 / page_size);
  }
}

}  // namespace
}  // namespace quire::test
