// What a user's first program does: open a database, make a table, put a number in and get it out.
//
//   consumer PATH
#include <quire/quire.hpp>

#include <cstdint>
#include <cstdio>
#include <exception>

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::puts("usage: consumer PATH");
    return 2;
  }
  try {
    auto storage = quire::StorageBuilder(arguments[1]).build().value();
    auto squares = storage.new_table<std::uint64_t, std::uint64_t>("squares").build().value();
    for (std::uint64_t number = 0; number < 100; ++number) {
      squares.put(number, number * number).value();
    }
    const auto found = squares.get(12).value();
    if (!found || **found != 144) {
      std::puts("the square of 12 is not there");
      return 1;
    }
  } catch (const std::exception& failure) {
    std::puts(failure.what());
    return 1;
  }
  std::puts("144");
  return 0;
}
