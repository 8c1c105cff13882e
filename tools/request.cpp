#include "tools/request.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>
#include <string_view>

#include "tools/shown.hpp"

namespace kvtool {
namespace {

constexpr const char* exit_status_help =
    "Data goes to the standard output, all else to the standard error.\n"
    "Exit status: 0 done, 1 not found or different, 2 the command line or the\n"
    "input makes no sense, 3 minor defects, 4 corruption, 5 not a quire file or of\n"
    "a later version, 6 busy, 7 the system failed (missing file, rights, space).";

template <class Choice>
using Choices = std::map<std::string, Choice>;

Choices<Format> formats() {
  return {{"table", Format::table}, {"json", Format::json}, {"ndjson", Format::ndjson}};
}

Choices<NotationKind> notations() {
  return {{"auto", NotationKind::automatic}, {"typed", NotationKind::typed},
          {"utf8", NotationKind::utf8},      {"hex", NotationKind::hex},
          {"base64", NotationKind::base64},  {"redacted", NotationKind::redacted}};
}

Choices<DumpEncoding> encodings() {
  return {
      {"typed", DumpEncoding::typed}, {"base64", DumpEncoding::base64}, {"hex", DumpEncoding::hex}};
}
/// A dump is for programs.
Choices<Format> dump_formats() { return {{"json", Format::json}, {"ndjson", Format::ndjson}}; }

/// CLI11 would take -3 for a very large number, and what is larger than all for the largest.
std::string is_count(const std::string& text) {
  constexpr std::size_t most_digits = 18;
  const bool is_digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (is_digits && text.size() <= most_digits) return {};
  return text + " is no count: give a number of up to 18 digits";
}

template <class Choice>
void add_choice(CLI::App& command, const char* name, Choice& target, const Choices<Choice>& choices,
                const std::string& help) {
  std::string words;
  for (const auto& [word, choice] : choices) words += (words.empty() ? "" : "|") + word;
  const auto choose = [&target, choices](const std::string& word) { target = choices.at(word); };
  command.add_option_function<std::string>(name, choose, help)
      ->check(CLI::IsMember(choices))
      ->option_text(words);
}

/// One subcommand at a time; all fill the same request.
class CommandLine {
 public:
  CommandLine() : app_("Looks into quire databases and edits them.", "kvtool") {
    app_.require_subcommand(1);
    app_.footer(exit_status_help);
    app_.set_version_flag("--version", KVTOOL_VERSION);
    add_inspecting();
    add_entry_commands();
    add_scan();
    add_dumping();
  }

  std::variant<Request, ExitStatus> parse(int argument_count, const char* const* arguments) {
    try {
      app_.parse(argument_count, arguments);
    } catch (const CLI::ParseError& stop) {
      return explain(stop, argument_count > 1 ? arguments[1] : "");
    }
    request_.command = app_.get_subcommands().front()->get_name();
    return request_;
  }

 private:
  /// Help and version are data; what is wrong is not.
  ExitStatus explain(const CLI::ParseError& stop, std::string_view first) {
    if (stop.get_exit_code() == 0) {
      app_.exit(stop);
      std::cout.flush();
      return std::cout ? ExitStatus::ok : ExitStatus::io_failed;
    }
    const auto chosen = app_.get_subcommands();
    const bool is_no_command = chosen.empty() && !first.empty() && !first.starts_with('-');
    std::string what = stop.what();
    if (is_no_command) what = "there is no command " + std::string(first);
    if (first.empty()) what = "no command is given";
    std::cerr << "kvtool: " << one_line(what) << "; run `kvtool "
              << (chosen.empty() ? "" : chosen.front()->get_name() + " ")
              << "--help` for what is possible\n";
    return ExitStatus::usage;
  }

  CLI::App& add(const char* name, const char* help) {
    CLI::App& command = *app_.add_subcommand(name, help);
    command.add_option("file", request_.path, "the database")->required()->option_text("FILE");
    return command;
  }

  void add_format(CLI::App& command) {
    add_choice(
        command, "--format", request_.format, formats(),
        "how to write it, by default as a table; json is one document, ndjson has one object "
        "a line");
  }

  void add_table(CLI::App& command, const char* help) {
    command.add_option("-t,--table", request_.table, help)->option_text("NAME");
  }

  void add_notations(CLI::App& command) {
    add_choice(command, "--key-format", request_.key_notation, notations(),
               "how keys are written here: typed by the table's own types, by default where they "
               "are known, else as hexadecimal digits; redacted shows no content");
    add_choice(command, "--value-format", request_.value_notation, notations(),
               "the same for values");
  }

  void add_key(CLI::App& command) {
    add_table(command, "the table; by default the only one");
    add_notations(command);
    command.add_option("key", request_.key, "the key, such as 17, Bern or [\"Bern\",17]")
        ->required()
        ->option_text("KEY");
  }

  void add_inspecting() {
    add_format(add("info", "what the file is and how much it holds"));
    add_format(add("tables", "the tables and their types"));
    add_format(add("stats", "what the tables' trees are made of, and the space of the file"));
    add_format(add("check", "read all of the file and check every rule of it"));
    add_format(add("readers", "who keeps which state of it, in all programs that have it open"));
  }

  void add_entry_commands() {
    CLI::App& get = add("get", "the value under a key");
    add_key(get);
    add_format(get);
    CLI::App& put = add("put", "store a value under a key, in place of an older one");
    add_key(put);
    auto* const value =
        put.add_option("value", request_.value, "the value; by default from the standard input")
            ->option_text("[VALUE]");
    put.add_option("--value-file", request_.value_file,
                   "read the value from this file, - for the standard input")
        ->excludes(value)
        ->option_text("PATH");
    add_key(add("del", "remove the entry under a key"));
  }

  void add_scan() {
    CLI::App& scan = add("scan", "entries in key order");
    add_table(scan, "the table; by default all of them, one after the other");
    scan.add_option("--limit", request_.limit, "at most this many entries of a table")
        ->check(is_count)
        ->option_text("COUNT");
    scan.add_flag("--reverse", request_.is_reverse, "from the last to the first");
    auto* const from =
        scan.add_option("--from", request_.from, "from this key on")->option_text("KEY");
    auto* const to =
        scan.add_option("--to", request_.to, "up to this key, without it")->option_text("KEY");
    scan.add_option(
            "--prefix", request_.prefix,
            "keys that begin like this: the beginning of a text, or the leading fields of a "
            "tuple")
        ->excludes(from)
        ->excludes(to)
        ->option_text("KEY");
    scan.add_option("--width", request_.width,
                    "cut what is longer in a table; 0 for no limit, by default 72")
        ->check(is_count)
        ->option_text("COLUMNS");
    add_notations(scan);
    add_format(scan);
  }

  void add_dumping() {
    CLI::App& backup = add("backup", "a compact copy of it as it is now, while others use it");
    backup.add_option("target", request_.target, "a new file, for the copy")
        ->required()
        ->option_text("COPY");
    CLI::App& dump = add("dump", "all tables, without loss, as lines of JSON that load reads");
    dump.add_option("-o,--output", request_.dump_file,
                    "a new file to write to; by default the standard output")
        ->option_text("PATH");
    add_choice(dump, "--encoding", request_.encoding, encodings(),
               "of keys and values; by default typed, where that keeps every byte");
    add_choice(dump, "--format", request_.format, dump_formats(),
               "ndjson has one object a line, by default; json is one document of such lines");
    CLI::App& load = add("load", "bring a dump into a new or existing database");
    load.add_option("-i,--input", request_.dump_file,
                    "the dump; by default from the standard input")
        ->option_text("PATH");
    load.add_option("--page-size", request_.page_size,
                    "of a new database, in bytes; by default that of the dumped one")
        ->check(is_count)
        ->option_text("BYTES");
  }

  CLI::App app_;
  Request request_;
};

}  // namespace

std::variant<Request, ExitStatus> parse_command_line(int argument_count,
                                                     const char* const* arguments) {
  return CommandLine().parse(argument_count, arguments);
}

}  // namespace kvtool
