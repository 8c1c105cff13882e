"""Small texts that break each law, and some that break none though they look as if.

`tests/tidy --self-test` fails when a law does not notice its example, when another law does, when
an innocent text is blamed, or when a law has no example.
"""

from style.functions import functions
from style.laws import include_cycles, judge, laws
from style.source import Source

header = "// What this is for and what holds.\n#pragma once\n"


def long_function(signature, count):
    return header + signature + " {\n" + "  work();\n" * (count - 2) + "}\n"


# (the law that must notice it, path, text)
guilty = [
    ("characters", "engine/page/a.hpp", header + "// na\u00efve\n"),
    ("characters", "engine/page/a.hpp", header + "\tint a;\n"),
    ("characters", "docs/a.md", "A line. \n"),
    ("characters", "engine/page/a.hpp", header + "int a;"),
    ("columns", "engine/page/a.hpp", header + "// " + "a" * 98 + "\n"),
    ("columns", "engine/meson.build", "a" * 101 + "\n"),
    ("file_length", "engine/page/a.hpp", header + "int a;\n" * 599),
    ("function_length", "engine/page/a.hpp", long_function("int f(int a)", 71)),
    ("function_length", "engine/page/a.hpp", long_function("template <class T>\nT f()", 71)),
    ("function_length", "engine/page/a.hpp", long_function("A::A(int a) : a_{a}, b_(1)", 71)),
    ("function_length", "engine/page/a.hpp", long_function('TEST_CASE("a")', 71)),
    ("function_length", "engine/page/a.hpp",
     header + "struct A {\n" + long_function("int f()", 71).removeprefix(header) + "};\n"),
    ("function_length", "engine/page/a.hpp", header + "int f() {\n"),
    ("function_length", "tests/a.py", '"""What this is for."""\n\n\ndef f():\n' + "    g()\n" * 70),
    ("function_length", "tools/a.sh", "# What this is for.\nf() {\n" + "  true\n" * 70 + "}\n"),
    ("head", "engine/page/a.hpp", "#pragma once\n"),
    ("head", "engine/page/a.cpp", "#include <vector>\n"),
    ("head", "engine/page/a.hpp", "// Copyright by somebody, somewhen\n#pragma once\n"),
    ("head", "tests/a.py", "import sys\n"),
    ("head", "tools/a", "#!/usr/bin/env bash\nset -e\n"),
    ("words", "engine/page/a.hpp", header + "// TODO later\n"),
    ("words", "engine/page/a.hpp", header + "// This is simply wonderful.\n"),
    ("words", "tools/a.sh", "# A hack to get by.\ntrue\n"),
    ("words", "engine/page/a.hpp", header + "// The freelist.\n"),
    ("pragma_once", "engine/page/a.hpp", "// What this is for.\nint a;\n"),
    ("names", "engine/page/a.hpp", header + "int page_cnt;\n"),
    ("names", "engine/page/a.hpp", header + "int bufSize;\n"),
    ("names", "engine/page/a.hpp", header + "class FilePtr;\n"),
    ("names", "engine/page/a.hpp", header + "int idx_ = 1'000;\n"),
    ("rulers", "engine/page/a.hpp", header + "// ----------\n"),
    ("rulers", "engine/page/a.hpp", header + "//////////\n"),
    ("casts", "engine/page/a.hpp", header + "auto a = reinterpret_cast<char*>(b);\n"),
    ("exceptions", "formats/a.hpp", header + "inline void f() { throw 1; }\n"),
    ("using_namespace", "tests/a.hpp", header + "using namespace std;\n"),
    ("macros", "api/a.hpp", header + "#define MIN(a, b) a\n"),
    ("sleeping", "tests/a.hpp", header + "void f() { std::this_thread::sleep_for(a); }\n"),
    ("silenced_checks", "engine/page/a.hpp", header + "int a;  // NOLINT\n"),
    ("include_direction", "engine/page/a.hpp", header + '#include "quire/engine/file/file.hpp"\n'),
    ("include_direction", "engine/tree/a.hpp", header + '#include "quire/engine/txn/pin.hpp"\n'),
    ("include_direction", "engine/txn/a.hpp", header + '#include "quire/engine/engine.hpp"\n'),
    ("include_direction", "formats/a.hpp", header + '#include "quire/engine/page/layout.hpp"\n'),
    ("include_direction", "api/a.hpp", header + "#include <quire/engine/tree/cursor.hpp>\n"),
    ("include_direction", "tools/a.hpp", header + '#include "quire/engine/engine.hpp"\n'),
    ("include_direction", "engine/a.hpp", header + '#include "quire/quire.hpp"\n'),
    ("include_direction", "api/a.hpp", header + '#include "quire/api/async/stream.hpp"\n'),
    ("include_direction", "api/quire.hpp", header + '#include "quire/api/async.hpp"\n'),
    ("include_direction", "tools/a.hpp", header + "#include <quire/api/async.hpp>\n"),
    ("include_spelling", "engine/page/a.hpp", header + '#include "layout.hpp"\n'),
    ("include_spelling", "tests/a.hpp", header + '#include "../b.hpp"\n'),
    ("system_headers", "engine/txn/a.hpp", header + "#include <sys/mman.h>\n"),
    ("system_headers", "api/a.hpp", header + "#include <boost/interprocess/mapped_region.hpp>\n"),
    ("libraries", "engine/tree/a.hpp", header + "#include <fmt/format.h>\n"),
    ("libraries", "api/a.hpp", header + "#include <somebody/else.hpp>\n"),
    ("libraries", "api/a.hpp", header + "#include <boost/asio/post.hpp>\n"),
]

innocent = [
    ("bench/a.hpp", header + "#include <rocksdb/db.h>\nrocksdb::DB* store;\n"),
    ("engine/page/a.hpp", header + 'inline const char* a = "TODO".data();  // reinterpret_cast\n'
     .replace("TODO", "throw using namespace buf")),
    ("engine/page/a.hpp", long_function("int f(int a)", 70)),
    ("engine/page/a.hpp", header + "struct A {\n" + "  int a = f(1);\n" * 80 + "};\n"),
    ("engine/page/a.hpp", header + "const int a[] = {\n" + "  f(1),\n" * 80 + "};\n"),
    ("engine/page/a.hpp", header + "namespace a {\n" + "inline int f() { return 1; }\n" * 80
     + "}\n"),
    ("engine/page/a.hpp", header
     + "std::unique_ptr<int> a = f(R\"x(}}} \" tmp)x\", '}', '\\'');\n"),
    ("engine/page/a.hpp", header + "template <class T>\nconcept A = requires(T t) {\n"
     + "  { f(t) };\n" * 80 + "};\n"),
    ("engine/page/a.hpp", header + "// ---- Sizes\n"),
    ("engine/file/a.hpp", header + "#include <sys/mman.h>\n#include <vector>\n"),
    ("engine/base/a.hpp", header + "#include <xxhash.h>\n"),
    ("engine/txn/a.hpp", header + '#include "quire/engine/page/layout.hpp"\n'),
    ("api/a.hpp", header + '#include "quire/engine/engine.hpp"\n'),
    ("api/async.hpp", header + '#include "quire/api/async/stream.hpp"\n'),
    ("api/async/a.hpp", header + '#include "quire/api/range.hpp"\n#include <boost/asio.hpp>\n'),
    ("tools/a.hpp", header + "#include <quire/quire.hpp>\n#include <quire/engine/inspect.hpp>\n"),
    ("tests/a.hpp", header + "#include <sys/wait.h>\n#include <doctest/doctest.h>\n"
     + '#include "quire/engine/page/layout.hpp"\n#include "support/volume.hpp"\n'),
    ("docs/a.md", "a" * 200 + "\n"),
]

# What the measuring must find: names and lengths of functions.
measured = header + """
namespace a {
class B : public C<D> {
 public:
  explicit B(int a)
      : a_{a}, b_(f({1, 2})) {
    work();
  }
  B& operator=(const B&) = default;
  auto operator<=>(const B& other) const { return a_ <=> other.a_; }
  [[nodiscard]] virtual Result<int> c(std::span<const int> all = {}) const noexcept override {
    if (a_) {
      return [&] { return 1; }();
    }
  }

 private:
  int a_{};
  std::function<void()> then_{};
};
enum class E { a, b };
template <template <class> class T, class U = std::vector<int>>
  requires(sizeof(U) > 1)
auto d() -> int {
  struct Local { void work() {} };
}
}  // namespace a
"""
expected = [("B", 4), ("operator<=>", 1), ("c", 5), ("d", 5)]


circle = [Source(f"engine/page/{name}.hpp", f'{header}#include "quire/engine/page/{other}.hpp"\n')
          for name, other in ("ab", "bc", "ca", "da")]


def complaints():
    """What is wrong with the laws themselves; empty when they do their work."""
    for law, path, text in guilty:
        noticed = {offence.law for offence in judge(Source(path, text)) if not offence.is_note}
        if noticed != {law}:
            yield f"expected [{law}], noticed {sorted(noticed)}: {path}: {text[:200]!r}"
    for path, text in innocent:
        for offence in judge(Source(path, text)):
            yield f"blamed an innocent text: {offence}: {text[:200]!r}"
    found = [(function.name, function.length) for function in
             functions(Source("engine/page/a.hpp", measured))]
    if found != expected:
        yield f"measured {found}, expected {expected}"
    cycles = [offence.message.count("->") for offence in include_cycles(circle)]
    if cycles != [3]:
        yield f"found circles of {cycles} includes, expected one of 3"
    for law in laws:
        if law.__name__ not in {name for name, _, _ in guilty}:
            yield f"no example breaks the law [{law.__name__}]"
