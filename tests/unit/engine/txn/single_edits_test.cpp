// Edits that are each a transaction of their own, and become one commit when they wait together.
#include "quire/engine/txn/single_edits.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "support/crash_disk.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {
namespace {

/// A database with one table and threads that each make one edit.
class EditStore {
 public:
  explicit EditStore(Options options = {}) {
    options.file_system = &disk_;
    database_.emplace(Database::open("data", options).value());
    WriteTransaction txn = database_->begin_write().value();
    table_ = make_table(txn, "t");
    commit(txn);
  }

  [[nodiscard]] CrashDisk& disk() { return disk_; }
  [[nodiscard]] Database& database() { return *database_; }
  [[nodiscard]] Statistics statistics() { return database_->statistics().value(); }
  [[nodiscard]] WriteTransaction begin() { return database_->begin_write().value(); }
  [[nodiscard]] Content content() {
    return quire::test::content(database_->snapshot().value(), table_);
  }

  Result<bool> put(std::string_view key, std::string_view value, PutMode mode = PutMode::upsert,
                   std::optional<Durability> durability = {}) {
    return database_->put(table_.id, table_.name, as_bytes(key), as_bytes(value), mode, durability);
  }
  Result<bool> erase(std::string_view key) {
    return database_->erase(table_.id, table_.name, as_bytes(key));
  }

  /// Another thread makes the edit; it waits behind those before when this returns. The caller has
  /// the writer's place.
  template <class Edit>
  void start(const Edit& edit) {
    const std::uint64_t before = statistics().writers;
    Result<bool>& answer = answers_.emplace_back(fail(ErrorCode::closed));
    threads_.emplace_back([edit, &answer] { answer = edit(); });
    while (statistics().writers == before) std::this_thread::yield();
  }
  void start_put(const std::string& key, const std::string& value, PutMode mode = PutMode::upsert,
                 std::optional<Durability> durability = {}) {
    start([=, this] { return put(key, value, mode, durability); });
  }
  /// What they came to, in the order in which they came.
  [[nodiscard]] const std::deque<Result<bool>>& answers() {
    threads_.clear();
    return answers_;
  }

 private:
  CrashDisk disk_;
  std::optional<Database> database_;
  NamedTable table_;
  std::deque<Result<bool>> answers_;
  std::vector<std::jthread> threads_;
};

TEST_CASE("an edit alone is a commit of its own") {
  EditStore store;
  const std::uint64_t before = store.statistics().commits;
  CHECK(store.put("a", "1").value());
  CHECK_FALSE(store.put("a", "2", PutMode::insert_only).value());
  CHECK(store.put("a", "3", PutMode::replace_only).value());
  CHECK(store.put("b", "4").value());
  CHECK(store.erase("b").value());
  CHECK_FALSE(store.erase("b").value());
  CHECK(store.statistics().commits == before + 4);
  CHECK(store.content() == Content{{"a", "3"}});
  CHECK(store.statistics().durable == store.statistics().written);
}

// Law: however many edits wait for the writer's place, they become one commit, with one sync.
TEST_CASE("edits that wait together become one commit") {
  for (const std::uint64_t count : {2U, 3U, 9U}) {
    CAPTURE(count);
    EditStore store;
    Content expected;
    WriteTransaction other = store.begin();
    for (std::uint64_t number = 0; number < count; ++number) {
      store.start_put(key_of(number), "value");
      expected[key_of(number)] = "value";
    }
    const Statistics before = store.statistics();
    std::move(other).abandon();
    for (const Result<bool>& answer : store.answers()) CHECK(answer.value());
    CHECK(store.content() == expected);
    CHECK(store.statistics().commits == before.commits + 1);
    CHECK(store.statistics().syncs == before.syncs + 1);
    CHECK(store.statistics().durable == store.statistics().written);
    require_sound(store.database());
  }
}

// Law: each is answered as if those before it had been committed.
TEST_CASE("joined edits see those that came before them") {
  EditStore store;
  WriteTransaction other = store.begin();
  for (const char* value : {"first", "second", "third"})
    store.start_put("key", value, PutMode::insert_only);
  store.start([&] { return store.erase("key"); });
  store.start([&] { return store.erase("key"); });
  store.start_put("key", "last", PutMode::insert_only);
  std::move(other).abandon();
  std::vector<bool> answers;
  for (const Result<bool>& answer : store.answers()) answers.push_back(answer.value());
  CHECK(answers == std::vector<bool>{true, false, false, true, false, true});
  CHECK(store.content() == Content{{"key", "last"}});
}

TEST_CASE("what is wrong with one edit is no matter of those that it joined") {
  EditStore store;
  WriteTransaction other = store.begin();
  store.start_put("a", "1");
  store.start_put(std::string(5'000, 'k'), "2");
  store.start([&] { return store.database().erase({99}, "none", as_bytes("a")); });
  store.start_put("b", "3");
  const std::uint64_t before = store.statistics().commits;
  std::move(other).abandon();
  const auto& answers = store.answers();
  CHECK(answers[0].value());
  CHECK(code_of(answers[1]) == ErrorCode::key_too_long);
  CHECK(code_of(answers[2]) == ErrorCode::table_missing);
  CHECK(answers[3].value());
  CHECK(store.content() == Content{{"a", "1"}, {"b", "3"}});
  CHECK(store.statistics().commits == before + 1);
}

// Law: an edit fails only when it would have failed alone.
TEST_CASE("when the commit of all fails, each is committed alone") {
  EditStore store;
  WriteTransaction other = store.begin();
  for (std::uint64_t number = 0; number < 3; ++number)
    store.start_put(key_of(number), "value", PutMode::insert_only);
  const std::uint64_t before = store.statistics().commits;
  store.disk().fail({.number = store.disk().call_count(Call::write), .call = Call::write});
  std::move(other).abandon();
  for (const Result<bool>& answer : store.answers()) CHECK(answer.value());
  CHECK(store.content().size() == 3);
  CHECK(store.statistics().commits > before);
  require_sound(store.database());
}

TEST_CASE("each is told when the disk is full, and nothing of it is there") {
  EditStore store;
  WriteTransaction other = store.begin();
  for (std::uint64_t number = 0; number < 3; ++number)
    store.start_put(key_of(number), std::string(100'000, 'v'));
  store.disk().fail({.number = store.disk().call_count(Call::grow),
                     .call = Call::grow,
                     .error = ENOSPC,
                     .lasting = Lasting::from_then_on});
  std::move(other).abandon();
  for (const Result<bool>& answer : store.answers()) CHECK(code_of(answer) == ErrorCode::no_space);
  CHECK(store.content().empty());
  require_sound(store.database());
}

// Law: who waited for a sync that failed does not know what became of the edit.
TEST_CASE("a sync that fails is the failure of all that it was for") {
  EditStore store;
  WriteTransaction other = store.begin();
  for (std::uint64_t number = 0; number < 3; ++number) store.start_put(key_of(number), "value");
  const std::uint64_t before = store.statistics().syncs;
  store.disk().fail({.number = store.disk().call_count(Call::sync), .call = Call::sync});
  std::move(other).abandon();
  for (const Result<bool>& answer : store.answers())
    CHECK(code_of(answer) == ErrorCode::outcome_unknown);
  CHECK(store.statistics().syncs == before + 1);
  CHECK(code_of(store.put("later", "value")) == ErrorCode::poisoned);
}

TEST_CASE("edits of another durability wait for the next commit") {
  EditStore store;
  WriteTransaction other = store.begin();
  for (const Durability durability :
       {Durability::full, Durability::full, Durability::buffered, Durability::buffered})
    store.start_put(key_of(static_cast<std::uint64_t>(durability)), "value", PutMode::upsert,
                    durability);
  const Statistics before = store.statistics();
  std::move(other).abandon();
  for (const Result<bool>& answer : store.answers()) CHECK(answer.has_value());
  CHECK(store.statistics().commits == before.commits + 2);
  CHECK(store.statistics().syncs == before.syncs + 1);
}

TEST_CASE("a thread with a write transaction is refused at once") {
  EditStore store;
  const WriteTransaction mine = store.begin();
  CHECK(code_of(store.put("a", "1")) == ErrorCode::wrong_thread);
  CHECK(code_of(store.erase("a")) == ErrorCode::wrong_thread);
  CHECK(store.statistics().writers == 1);
}

TEST_CASE("a closed or read-only database takes no edit") {
  EditStore store;
  CHECK(store.put("a", "1").value());
  REQUIRE(store.database().close());
  CHECK(code_of(store.put("b", "2")) == ErrorCode::closed);
  const Database reading =
      Database::open("data", {.access = Access::read_only, .file_system = &store.disk()}).value();
  CHECK(code_of(reading.put({1}, "t", as_bytes("b"), as_bytes("2"))) == ErrorCode::read_only);
}

// Law: of many that come again and again, none is lost and none is done twice.
TEST_CASE("every edit of many threads is done once") {
  constexpr std::uint64_t threads = 6;
  constexpr std::uint64_t each = 200;
  EditStore store;
  std::atomic<std::uint64_t> inserted = 0;
  {
    std::vector<std::jthread> all;
    for (std::uint64_t thread = 0; thread < threads; ++thread)
      all.emplace_back([&, thread] {
        for (std::uint64_t number = 0; number < each; ++number) {
          const Durability durability =
              number % 8 == thread ? Durability::buffered : Durability::full;
          CHECK(store.put(key_of(thread * each + number), "own", PutMode::insert_only, durability)
                    .value());
          if (store.put("shared" + std::to_string(number), "one", PutMode::insert_only, durability)
                  .value())
            ++inserted;
        }
      });
  }
  CHECK(inserted == each);
  CHECK(store.content().size() == threads * each + each);
  require_sound(store.database());
}

}  // namespace
}  // namespace quire::test
