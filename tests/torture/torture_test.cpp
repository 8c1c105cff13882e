// What is promised to processes that share a file, while they are killed: by real processes, on the
// machine's own file system.
//
// QUIRE_TORTURE_SEED chooses what is done when, as far as the machine repeats it. With
// QUIRE_TORTURE_PATIENCE, in seconds, those who stand can be looked at with a debugger. The scene
// of a torture that broke a law is kept.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/volume.hpp"
#include "torture/torture.hpp"

namespace quire::test {
namespace {

using std::chrono::milliseconds;

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

std::uint64_t choose_seed() {
  if (const auto seed = number_in("QUIRE_TORTURE_SEED")) return *seed;
  return std::random_device()();
}

/// Where the scene is left, for people.
std::string keep(const Scene& scene, std::uint64_t seed) {
  const std::string name = "quire-torture-" + std::to_string(seed);
  const auto place = std::filesystem::temp_directory_path() / name;
  std::filesystem::remove_all(place);
  std::filesystem::rename(scene.directory, place);
  return place;
}

/// One torture, from no file to the last audit. Whether all laws held.
bool run_one(Conditions conditions, Account& account) {
  const TemporaryDirectory directory;
  const Scene scene = {directory / "scene"};
  std::filesystem::create_directory(scene.directory);
  conditions.patience = std::chrono::seconds(
      number_in("QUIRE_TORTURE_PATIENCE").value_or(conditions.patience.count()));
  std::optional<std::string> breach;
  {
    Torture torture(scene, conditions);
    breach = torture.run();
    account.add(torture.account());
  }
  if (!breach) return true;
  FAIL_CHECK("seed " << conditions.seed << ": " << *breach << "\nthe scene is kept in "
                     << keep(scene, conditions.seed));
  return false;
}

/// One after the other, with a line that says what became of them.
void run_all(const char* name, std::vector<Conditions> all) {
  const std::uint64_t seed = choose_seed();
  Account account;
  for (std::size_t index = 0; index < all.size(); ++index) {
    all[index].seed = seed + index;
    if (!run_one(all[index], account)) break;
  }
  std::printf("total: %s, seed %llu: %s\n", name, static_cast<unsigned long long>(seed),
              account.describe().c_str());
}

milliseconds scaled_time(std::size_t milliseconds_at_1) {
  return milliseconds(scaled(milliseconds_at_1));
}

// Law: a commit that returned is there, whoever is killed and whenever; a state is whole, and stays
// as it is for who holds it; nobody but the killed is harmed or kept waiting; and what the dead
// held comes back.
TEST_CASE("processes that are killed lose nothing, harm nobody and hold nothing up") {
  run_all("torture", std::vector<Conditions>(2, {.duration = scaled_time(6000)}));
}

// Law: the same where processes know each other by no id.
TEST_CASE("processes that are killed do no harm to others in other PID namespaces") {
  if (!are_namespaces_allowed()) {
    std::printf("total: torture over PID namespaces: NOT TRIED, the system allows none\n");
    return;
  }
  run_all("torture over PID namespaces",
          {{.duration = scaled_time(5000), .readers_see = Namespace::own}});
}

// Law: there is no file or a whole one, whoever is killed while they all make it.
TEST_CASE("processes that are killed while they make the file leave none or a whole one") {
  std::vector<Conditions> all(scaled(20));
  for (std::size_t index = 0; index < all.size(); ++index)
    all[index].duration = milliseconds(5 + 10 * (index % 10));
  run_all("torture of beginners", std::move(all));
}

}  // namespace
}  // namespace quire::test
