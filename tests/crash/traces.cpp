#include "crash/traces.hpp"

#include <array>
#include <stdexcept>

namespace quire::test {

std::string numbered_key(std::size_t number) {
  std::string digits = std::to_string(number);
  return "k" + std::string(4 - std::min<std::size_t>(4, digits.size()), '0') + digits;
}

std::string text(std::size_t size, std::size_t seed) {
  std::string text = "value " + std::to_string(seed) + " ";
  while (text.size() < size) text += text.substr(0, size - text.size());
  text.resize(size);
  return text;
}

Session::Edit fill(std::size_t count, std::size_t size) {
  return [count, size](Editor& editor) {
    for (std::size_t number = 0; number < count; ++number)
      editor.put("a", numbered_key(number), text(size, number));
  };
}

std::array<std::span<const Trace>, 7> all_traces() {
  return {simple_traces(), tree_traces(),     space_traces(), fault_traces(),
          group_traces(),  resident_traces(), redo_traces()};
}

std::size_t trace_count() {
  std::size_t count = 0;
  for (const auto traces : all_traces()) count += traces.size();
  return count;
}

const Trace& trace_named(std::string_view name) {
  for (const auto traces : all_traces()) {
    for (const Trace& trace : traces) {
      if (trace.name == name) return trace;
    }
  }
  throw std::invalid_argument("no trace of that name");
}

namespace {

using Durability::buffered;
using Durability::full;
using Durability::two_phase;

Session::Edit put_one(std::size_t number) {
  return [number](Editor& editor) { editor.put("a", numbered_key(number), text(40, number)); };
}

void put_each_with(Session& session, Durability durability) {
  for (std::size_t number = 0; number < 5; ++number) session.commit(durability, put_one(number));
}

void create_only(Session&) {}

void create_and_reopen(Session& session) {
  session.reopen();
  session.reopen();
}

void put_once(Session& session) { session.full(put_one(1)); }

void put_full(Session& session) { put_each_with(session, full); }
void put_two_phase(Session& session) { put_each_with(session, two_phase); }

void put_buffered(Session& session) { put_each_with(session, buffered); }

void put_buffered_and_sync(Session& session) {
  put_each_with(session, buffered);
  session.sync();
  session.buffered(put_one(7));
  session.buffered(put_one(8));
  session.sync();
  session.buffered(put_one(9));
}

void mix_durabilities(Session& session) {
  session.buffered(put_one(0));
  session.full(put_one(1));
  session.buffered(put_one(2));
  session.two_phase(put_one(3));
  session.buffered(put_one(4));
  session.buffered(put_one(5));
  session.full(put_one(6));
}

void replace_one_value(Session& session) {
  for (std::size_t round = 0; round < 8; ++round) {
    session.commit(round % 3 == 2 ? buffered : full,
                   [round](Editor& editor) { editor.put("a", "only", text(60, round)); });
  }
}

void abandon_in_between(Session& session) {
  session.full(put_one(0));
  session.abandon(put_one(1));
  session.full(put_one(2));
  session.abandon([](Editor& editor) { editor.put("a", "large", text(9000, 1)); });
  session.full([](Editor& editor) { editor.put("a", "large", text(9000, 2)); });
  session.abandon([](Editor& editor) { editor.drop("a"); });
  session.buffered(put_one(3));
}

void reopen_in_the_middle(Session& session) {
  session.full(put_one(0));
  session.buffered(put_one(1));
  session.reopen();
  session.full(put_one(2));
  session.reopen();
  session.buffered(put_one(3));
  session.close();
}

void die_in_the_middle(Session& session) {
  session.full(put_one(0));
  session.buffered(put_one(1));
  session.kill();
  session.full(put_one(2));
  session.kill();
  session.buffered(put_one(3));
  session.buffered(put_one(4));
  session.kill();
}

void die_and_lose_the_cache(Session& session) {
  session.full(put_one(0));
  session.buffered(put_one(1));
  session.kill_and_evict();
  session.two_phase(put_one(2));
  session.kill_and_evict();
}

void sync_before_anything(Session& session) {
  session.sync();
  session.buffered(put_one(1));
  session.sync();
  session.sync();
}

void extreme_keys(Session& session) {
  session.full([](Editor& editor) { editor.put("a", "", ""); });
  session.full([](Editor& editor) { editor.put("a", std::string(1024, 'z'), "last"); });
  session.buffered([](Editor& editor) { editor.put("a", std::string(1024, '\0'), text(900, 3)); });
  session.full([](Editor& editor) { editor.erase("a", ""); });
}

}  // namespace

std::span<const Trace> simple_traces() {
  static const std::array traces = {
      Trace{"creation", create_only},
      Trace{"creation in place of an empty file", create_only, {}, true},
      Trace{"first commit in place of an empty file", put_once, {}, true},
      Trace{"creation, reopened", create_and_reopen},
      Trace{"one put", put_once},
      Trace{"puts, full", put_full},
      Trace{"puts, two_phase", put_two_phase},
      Trace{"puts, buffered", put_buffered},
      Trace{"puts, buffered and synced", put_buffered_and_sync},
      Trace{"all durabilities", mix_durabilities},
      Trace{"one value, replaced", replace_one_value},
      Trace{"abandoned in between", abandon_in_between},
      Trace{"reopened in the middle", reopen_in_the_middle},
      Trace{"process deaths", die_in_the_middle},
      Trace{"process deaths and lost caches", die_and_lose_the_cache},
      Trace{"syncs without commits", sync_before_anything},
      Trace{"extreme keys", extreme_keys},
      Trace{"pages of 16 KiB", mix_durabilities, {.page_size = 16384}},
      Trace{"pages of 64 KiB", put_once, {.page_size = 65536}},
  };
  return traces;
}

}  // namespace quire::test
