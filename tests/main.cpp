// The main function of every test executable, and its journal.
//
// When QUIRE_TEST_JOURNAL names a file, each test case leaves a line there as it starts and another
// as it ends. tests/run counts these lines; a test case that starts and never ends took the process
// down with it, and counts as failed.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

namespace {

/// Appends one line per event. Opened anew for every line, so that neither a crash nor a child
/// process of a test can lose or repeat any.
class Journal : public doctest::IReporter {
 public:
  explicit Journal(const doctest::ContextOptions& /*options*/)
      : path_(std::getenv("QUIRE_TEST_JOURNAL")) {}

  void test_case_start(const doctest::TestCaseData& test) override {
    name_ = test.m_name;
    note("started");
  }
  void test_case_end(const doctest::CurrentTestCaseStats& result) override {
    note(result.testCaseSuccess ? "passed" : "failed");
  }
  void test_case_skipped(const doctest::TestCaseData& test) override {
    name_ = test.m_name;
    note("skipped");
  }

  void report_query(const doctest::QueryData& /*query*/) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& /*result*/) override {}
  void test_case_reenter(const doctest::TestCaseData& /*test*/) override {}
  void test_case_exception(const doctest::TestCaseException& /*exception*/) override {}
  void subcase_start(const doctest::SubcaseSignature& /*subcase*/) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& /*assertion*/) override {}
  void log_message(const doctest::MessageData& /*message*/) override {}

 private:
  void note(const char* event) const {
    if (path_ == nullptr) return;
    std::FILE* journal = std::fopen(path_, "a");
    if (journal == nullptr) return;
    std::fprintf(journal, "%s %s\n", event, name_);
    std::fclose(journal);
  }

  const char* path_;
  const char* name_ = "";
};

REGISTER_LISTENER("journal", 1, Journal);

}  // namespace
