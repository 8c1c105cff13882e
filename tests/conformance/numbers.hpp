// A table of numbered texts, and the map that it is to be like.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace quire::test {

using Model = std::map<std::uint64_t, std::string>;

/// All entries of a table, as they are read.
Model content(const auto& table) {
  Model all;
  table.range().for_each([&](const auto& entry) { all[entry.key] = *entry.value; }).value();
  return all;
}

/// A new table with the entries of a model.
auto filled(auto& storage, const Model& model) {
  auto table = storage.template new_table<std::uint64_t, std::string>("t").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  for (const auto& [key, value] : model) editor.put(key, value).value();
  std::move(txn).commit().value();
  return table;
}

/// So many, under every third key.
inline Model numbered(std::uint64_t count) {
  Model model;
  for (std::uint64_t key = 0; key < count; ++key) model[key * 3] = std::to_string(key);
  return model;
}

}  // namespace quire::test
