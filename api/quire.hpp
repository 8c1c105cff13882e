// quire: an embedded, typed, zero-copy key-value store. This header is all that a program includes.
//
//   #include <quire/quire.hpp>
//
//   #include <iostream>
//
//   struct City {
//     double latitude, longitude;
//     std::uint32_t people;
//     std::uint32_t country;
//   };
//
//   int main() {
//     auto storage = quire::StorageBuilder("cities.quire").build().value();
//     auto cities = storage.new_table<std::string, City>("cities").build().value();
//
//     auto txn = storage.begin_write().value();  // many edits, one commit
//     txn.table(cities).put("Bern", {46.95, 7.45, 134'591, 41}).value();
//     txn.table(cities).put("Basel", {47.56, 7.59, 173'863, 41}).value();
//     std::move(txn).commit().value();  // it is on disk
//
//     if (auto bern = cities.get("Bern").value()) std::cout << (*bern)->people << '\n';
//     for (const auto& [name, city] : cities.prefix("Ba")) {  // read in place, in order
//       std::cout << name << ' ' << city->latitude << '\n';
//     }
//   }
//
// Functions that can fail return a Result: value() takes what it holds, or throws BadResult (where
// exceptions are off: ends the program with the error's message); `if (!result)` asks first, and
// result.error().message() tells. What get() finds is a guard, which keeps what it shows valid for
// as long as it lives, whatever else goes first.
#pragma once

#include "quire/api/pieces.hpp"
#include "quire/api/storage.hpp"
#include "quire/api/storage_builder.hpp"
#include "quire/api/to.hpp"
