// Traces that change the shape of trees.
#include <array>

#include "crash/traces.hpp"

namespace quire::test {
namespace {

using Durability::buffered;
using Durability::full;

void put_range(Editor& editor, std::size_t begin, std::size_t end, std::size_t size,
               std::size_t seed = 0) {
  for (std::size_t number = begin; number < end; ++number)
    editor.put("a", numbered_key(number), text(size, number + seed));
}

void split_a_leaf(Session& session) {
  session.full([](Editor& editor) { put_range(editor, 0, 30, 100); });
  session.full([](Editor& editor) { put_range(editor, 30, 50, 100); });
  session.buffered([](Editor& editor) { put_range(editor, 50, 60, 100); });
}

void put_batches(Session& session) {
  for (std::size_t batch = 0; batch < 4; ++batch) {
    session.commit(batch % 2 == 0 ? full : buffered, [batch](Editor& editor) {
      for (std::size_t number = batch; number < 120; number += 4)
        editor.put("a", numbered_key(number), text(70, number));
    });
  }
}

void put_descending(Session& session) {
  for (std::size_t batch = 4; batch-- > 0;) {
    session.full([batch](Editor& editor) {
      for (std::size_t number = 25; number-- > 0;)
        editor.put("a", numbered_key(batch * 25 + number), text(120, number));
    });
  }
}

/// Keys so long that a branch has room for few.
std::string long_key(std::size_t number) { return text(700, number) + numbered_key(number); }

void grow_three_levels(Session& session) {
  for (std::size_t batch = 0; batch < 4; ++batch) {
    session.commit(batch % 2 == 0 ? full : buffered, [batch](Editor& editor) {
      for (std::size_t number = 0; number < 9; ++number)
        editor.put("a", long_key(batch + 4 * number), text(200, number));
    });
  }
}

void merge_leaves(Session& session) {
  session.full([](Editor& editor) { put_range(editor, 0, 120, 90); });
  session.full([](Editor& editor) {
    for (std::size_t number = 0; number < 120; number += 2) editor.erase("a", numbered_key(number));
  });
  session.buffered([](Editor& editor) {
    for (std::size_t number = 1; number < 80; number += 2) editor.erase("a", numbered_key(number));
  });
  session.full([](Editor& editor) {
    for (std::size_t number = 81; number < 120; number += 2)
      editor.erase("a", numbered_key(number));
  });
  session.full([](Editor& editor) { put_range(editor, 0, 3, 90); });
}

void use_large_values(Session& session) {
  session.full([](Editor& editor) { editor.put("a", "large", text(10'000, 1)); });
  session.full([](Editor& editor) { editor.put("a", "large", text(6'000, 2)); });
  session.buffered([](Editor& editor) {
    editor.put("a", "other", text(20'000, 3));
    editor.put("a", "third", text(5'000, 4));
  });
  session.buffered([](Editor& editor) { editor.erase("a", "large"); });
  session.full([](Editor& editor) { editor.put("a", "large", text(9'000, 5)); });
}

void put_values_in_pieces(Session& session) {
  session.full([](Editor& editor) {
    editor.put_in_pieces("a", "large", text(12'000, 1), 12'000);
    editor.put_in_pieces("a", "given up", text(9'000, 2), 6'000);
  });
  session.buffered([](Editor& editor) {
    editor.put_in_pieces("a", "gathered", text(290'000, 3), 290'000);
    editor.put_in_pieces("a", "large", text(20'000, 4), 20'000);
  });
  session.abandon(
      [](Editor& editor) { editor.put_in_pieces("a", "abandoned", text(280'000, 5), 270'000); });
  session.full([](Editor& editor) {
    editor.undo([](Editor& inner) { inner.put_in_pieces("a", "large", text(8'000, 6), 8'000); });
    editor.put_in_pieces("a", "small", text(300, 7), 300);
    editor.put_in_pieces("a", "given up", text(280'000, 8), 270'000);
  });
  session.full([](Editor& editor) { editor.put("a", "next", text(30'000, 9)); });
}

void reserve_values(Session& session) {
  session.full([](Editor& editor) {
    editor.reserve("a", "small", text(300, 1));
    editor.reserve("a", "large", text(9'000, 2));
  });
  session.buffered([](Editor& editor) {
    editor.reserve("a", "large", text(12'000, 3));
    editor.reserve("a", "small", text(200, 4));
  });
  session.full([](Editor& editor) { editor.reserve("a", "other", text(7'000, 5)); });
}

void replace_large_within_one(Session& session) {
  session.full([](Editor& editor) {
    for (std::size_t round = 0; round < 4; ++round)
      editor.put("a", "large", text(7'000 + 900 * round, round));
  });
  session.full([](Editor& editor) {
    editor.erase("a", "large");
    editor.put("a", "large", text(7'500, 9));
  });
}

void use_several_tables(Session& session) {
  for (std::size_t round = 0; round < 3; ++round) {
    session.commit(round == 1 ? buffered : full, [round](Editor& editor) {
      for (const char* table : {"a", "b", "c"}) {
        editor.put(table, "round", std::to_string(round) + table);
        editor.put(table, numbered_key(round), text(50, round));
      }
    });
  }
  session.full([](Editor& editor) {
    editor.erase("a", "round");
    editor.put("c", "moved", "from a");
  });
}

void create_and_drop_tables(Session& session) {
  session.full([](Editor& editor) {
    editor.create("empty");
    put_range(editor, 0, 60, 80);
  });
  session.full([](Editor& editor) { editor.drop("empty"); });
  session.buffered([](Editor& editor) {
    editor.drop("a");
    editor.put("b", "instead", "of a");
  });
  session.full([](Editor& editor) { put_range(editor, 0, 5, 30, 7); });
  session.full([](Editor& editor) { editor.drop("b"); });
}

void use_many_tables(Session& session) {
  session.full([](Editor& editor) {
    for (std::size_t number = 0; number < 60; ++number)
      editor.put(text(40, number) + numbered_key(number), "k", "v");
  });
  session.full([](Editor& editor) { editor.drop(text(40, 30) + numbered_key(30)); });
  session.buffered([](Editor& editor) { editor.put(text(40, 5) + numbered_key(5), "k", "w"); });
}

void empty_a_table(Session& session) {
  session.full([](Editor& editor) { put_range(editor, 0, 50, 100); });
  session.full([](Editor& editor) {
    for (std::size_t number = 0; number < 50; ++number) editor.erase("a", numbered_key(number));
  });
  session.buffered([](Editor& editor) { put_range(editor, 0, 1, 10); });
}

void use_rows(Session& session) {
  session.full([](Editor& editor) { put_range(editor, 0, 250, 8); });
  session.full([](Editor& editor) { put_range(editor, 100, 110, 8, 3); });
  // One entry of another length turns its leaf into a general one.
  session.full([](Editor& editor) { editor.put("a", numbered_key(105), "no longer eight"); });
}

void change_at_random(Session& session) {
  std::size_t random = 7;
  for (std::size_t batch = 0; batch < 6; ++batch) {
    session.commit(batch % 3 == 0 ? full : buffered, [&](Editor& editor) {
      for (std::size_t step = 0; step < 20; ++step) {
        random = random * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
        const std::string key = numbered_key((random >> 33) % 60);
        if ((random >> 50) % 3 == 0 && editor.tables().contains("a")) {
          editor.erase("a", key);
        } else {
          editor.put("a", key, text((random >> 40) % 300, random >> 45));
        }
      }
    });
  }
}

}  // namespace

std::span<const Trace> tree_traces() {
  static const std::array traces = {
      Trace{"a leaf splits", split_a_leaf},
      Trace{"batches", put_batches},
      Trace{"descending keys", put_descending},
      Trace{"three levels", grow_three_levels},
      Trace{"leaves merge", merge_leaves},
      Trace{"large values", use_large_values},
      Trace{"large values, replaced in one transaction", replace_large_within_one},
      Trace{"large values in pieces", put_values_in_pieces},
      Trace{"reserved values", reserve_values},
      Trace{"several tables", use_several_tables},
      Trace{"tables come and go", create_and_drop_tables},
      Trace{"many tables", use_many_tables},
      Trace{"a table is emptied", empty_a_table},
      Trace{"rows", use_rows},
      Trace{"random changes", change_at_random},
      Trace{"random changes in pages of 8 KiB", change_at_random, {.page_size = 8192}},
  };
  return traces;
}

}  // namespace quire::test
