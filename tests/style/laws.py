"""The laws of this tree, each a function that yields what breaks it.

A law with exceptions keeps them in a table here, each with its reason; anything new needs a line.
"""

import pathlib
import re
from dataclasses import dataclass

from style.functions import UnmatchedBraces, functions

product = ("engine", "formats", "api", "tools")

# ---- Tables

base, file, page, space, mvcc, tree, txn = (
    f"engine/{name}" for name in ("base", "file", "page", "space", "mvcc", "tree", "txn"))
engine_layers = {base, file, page, space, mvcc, tree, txn}

# What a layer may include of ours. A layer is the longest of these folders that a file lies in, or
# a file that stands for itself alone, as it does where it may be included.
may_include = {
    base: {base},
    file: {base, file},
    page: {base, page},
    space: {base, file, page, space},
    mvcc: {base, file, page, mvcc},
    tree: {base, page, space, tree},
    # Options and statistics are words of the front door: structs that do nothing.
    txn: engine_layers | {"engine/options.hpp", "engine/statistics.hpp"},
    "engine": engine_layers | {"engine"},
    "formats": {base, "formats"},
    "api": {base, "engine", "formats", "api"},
    # What needs Boost.Asio is a layer above, which nothing but its users include.
    "api/async": {base, "engine", "formats", "api", "api/async"},
    "api/async.hpp": {"api", "api/async"},
    # The formats that need a library of their own are included by those who use them.
    "api/examples": {
        "api",
        "api/async.hpp",
        "formats/compressed.hpp",
        "formats/flatbuffers.hpp",
        "formats/rkyv.hpp",
    },
    "tools": {"api", "formats", "engine/inspect.hpp"},
    "bench": {"api", "api/async.hpp", "formats/rkyv.hpp", "engine/inspect.hpp"},
    # What it measures is the parts.
    "bench/micro": {base, page, "formats", "api"},
}

# Where the operating system may be called.
system_header = re.compile(
    r"<(sys/.*|linux/.*|(unistd|fcntl|dirent|poll|pthread|sched|semaphore|signal|limits)\.h|csignal"
    r"|boost/interprocess/.*)>")
system_header_homes = (file, "tests", "bench")

# Where each foreign library may be used; tests and bench may use any.
library_homes = {
    "xxhash.h": {base},
    "xxh_x86dispatch.h": {base},
    "boost/interprocess/": {file},
    "boost/sort/": {txn},
    "immintrin.h": {page},
    "flatbuffers/": {"formats", "api/examples", "tools"},
    "zstd.h": {"formats"},
    "boost/asio": {"api/async", "api/examples"},
    "boost/system/": {"api/async"},
    "lmdb.h": {"api"},
    "CLI/": {"tools"},
    "fmt/": {"tools"},
    "nlohmann/": {"tools"},
}

reinterpret_cast_homes = {
    "engine/base/overlay.hpp": "the one helper that looks at bytes as a struct of the file",
    "engine/base/bytes.hpp": "bytes as characters, where they are shown",
}
macro_homes = {
    "engine/base/assert.hpp": "QUIRE_ASSERT and QUIRE_AUDIT need the text and place of the call",
    "engine/base/checksum.cpp": "xxHash is switched to inline code by a macro",
    "formats/describe.hpp": "only a macro can name the members of a struct",
}
throw_homes = {
    "engine/base/result.hpp": "taking the value of a failed result",
    "engine/file/stable_memory.cpp": "memory that the system does not give is std::bad_alloc",
}
sleep_homes = {}

abbreviations = {"ptr", "buf", "len", "cnt", "idx", "tmp", "sz", "msg", "ctx", "cfg", "db", "pgno",
                 "txid"}
# Names that other people gave.
foreign_names = {
    "unique_ptr", "shared_ptr", "weak_ptr", "exception_ptr", "current_exception_ptr", "make_ptr",
    "iov_len", "l_len", "intrusive_ptr", "from_buf", "ptr_fun", "d_reclen", "DB",
}
banned_words = {
    r"\bTODO\b": "do it, or open an issue",
    r"\bFIXME\b": "fix it, or open an issue",
    r"\bXXX\b": "say what is meant",
    r"(?i)\bhack(s|y|ed)?\b": "say what it does and why",
    r"(?i)\bsimply\b": "what is simple needs no saying so",
    r"(?i)\btxids?\b": "the word is transaction id, in code txn",
    r"(?i)\bpgnos?\b": "the word is page number",
    r"(?i)\bfree ?lists?\b": "the word is free extents",
}


@dataclass(frozen=True)
class Offence:
    """Something that breaks a law, or, as a note, is worth a look."""

    path: str
    line: int
    law: str
    message: str
    is_note: bool = False

    def __str__(self):
        note = "note: " if self.is_note else ""
        return f"{self.path}:{self.line}: {note}{self.message} [{self.law}]"


def code_lines(source, pattern):
    """The lines where the code of a C++ file matches, each with its match."""
    for match in re.finditer(pattern, source.code):
        yield source.line_at(match.start()), match


# ---- Laws of every text


def characters(source):
    """ASCII, no tabs, no space at a line's end, one newline at the file's."""
    for number, line in enumerate(source.lines, 1):
        if not line.isascii():
            yield number, "only ASCII, please"
        if "\t" in line:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "space at the end of the line"
    if source.text and (not source.text.endswith("\n") or source.text.endswith("\n\n")):
        yield len(source.lines), "a file ends with one newline"


def columns(source):
    if source.kind == "prose":
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > 100:
            yield number, f"{len(line)} columns; at most 100"


def file_length(source):
    count = len(source.lines) - 1
    if source.kind != "prose" and count > 600:
        yield count, f"{count} lines; a file has at most 600, better 400"


def function_length(source):
    try:
        for function in functions(source):
            if function.length > 70:
                yield function.first, f"{function.name}: {function.length} lines; at most 70"
    except UnmatchedBraces as unmatched:
        yield source.line_at(unmatched.offset), "the braces cannot be followed"


def has_described_twin(source):
    """Whether a header says what this file is for: its own, or the one that it tests."""
    path = pathlib.PurePosixPath(source.path)
    twin = path.with_suffix(".hpp")
    if source.is_in("tests/unit") and path.stem.endswith("_test"):
        twin = pathlib.PurePosixPath(*path.parts[2:]).with_name(
            path.stem.removesuffix("_test") + ".hpp")
    return path.suffix == ".cpp" and pathlib.Path(twin).exists()


def head(source):
    """A file opens by saying what it is for."""
    if source.kind not in {"cpp", "python", "shell"} or has_described_twin(source):
        return
    lines = source.lines[1:] if source.text.startswith("#!") else source.lines
    marks = {"cpp": "//", "python": ('"""', "#"), "shell": "#"}
    first = lines[0] if lines else ""
    words = re.findall(r"\w+", first)
    if not first.startswith(marks[source.kind]) or len(words) < 3:
        yield 1, "a file opens with a comment that says what it is for"
    elif re.search(r"(?i)copyright|@file|\\file|author:", first):
        yield 1, "a file opens with what it is for, not its name, author or history"


def words(source):
    if source.kind not in {"cpp", "python", "shell", "meson"} or source.is_in("tests/style"):
        return
    for number, line in enumerate(source.lines, 1):
        for pattern, advice in banned_words.items():
            if found := re.search(pattern, line):
                yield number, f"'{found.group()}': {advice}"


# ---- Laws of C++


def pragma_once(source):
    if source.is_header and not re.search(r"^#pragma once$", source.code, re.MULTILINE):
        yield 1, "a header says #pragma once"


def names(source):
    included = {include.line for include in source.includes}
    for match in re.finditer(r"\b[A-Za-z_]\w*\b", source.code):
        name = match.group()
        if name in foreign_names or source.line_at(match.start()) in included:
            continue
        parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().split("_")
        for part in abbreviations.intersection(parts):
            yield source.line_at(match.start()), f"'{name}': write {part} out"


def rulers(source):
    ruler = r"(?m)^\s*//[/*=#~_.\- ]*[/*=#~_.\-]{4,}\s*$"
    for match in re.finditer(ruler, source.comments):
        yield source.line_at(match.start() + 1), "no rulers"


def casts(source):
    if source.path in reinterpret_cast_homes:
        return
    for line, _ in code_lines(source, r"\breinterpret_cast\b"):
        yield line, "reinterpret_cast outside engine/base/overlay.hpp"


def exceptions(source):
    if source.is_in(*product) and source.path not in throw_homes:
        for line, _ in code_lines(source, r"\bthrow\b"):
            yield line, "failures are Results; nothing is thrown"


def using_namespace(source):
    if source.is_header:
        for line, _ in code_lines(source, r"\busing\s+namespace\b"):
            yield line, "no `using namespace` in a header"


def macros(source):
    if source.is_in(*product) and source.path not in macro_homes:
        for line, match in code_lines(source, r"(?m)^[ \t]*#[ \t]*define\s+(\w+)"):
            yield line, f"macro {match.group(1)}: assert, audit and describe are all there are"


def sleeping(source):
    if source.is_in("tests") and source.path not in sleep_homes:
        for line, _ in code_lines(source, r"\b(sleep_for|sleep_until|u?sleep|nanosleep)\s*\("):
            yield line, "nothing sleeps to synchronise"


def silenced_checks(source):
    for match in re.finditer(r"NOLINT(NEXTLINE|BEGIN|END)?(?!\w|\()", source.comments):
        yield source.line_at(match.start()), "NOLINT names the check that it silences"


# ---- Laws of includes


def layer_of(path):
    folders = [folder for folder in may_include if path == folder or path.startswith(folder + "/")]
    return max(folders, key=len, default=None)


def home_of(include):
    """The path in this tree of an included header of ours, or None for one of other people."""
    if not include.name.startswith("quire/"):
        return None
    path = include.name.removeprefix("quire/")
    return "api/quire.hpp" if path == "quire.hpp" else path


def include_direction(source):
    layer = layer_of(source.path)
    if layer is None:
        return
    allowed = may_include[layer]
    for include in source.includes:
        target = home_of(include)
        if target is not None and layer_of(target) not in allowed and target not in allowed:
            yield include.line, f"{layer} may not include {target}"


def include_spelling(source):
    """Our headers are named from the root, so that they read alike everywhere."""
    for include in source.includes:
        if ".." in include.name.split("/"):
            yield include.line, "includes do not climb"
        elif (include.quoted and source.is_in("engine", "formats", "api")
              and not source.is_in("api/examples") and not include.name.startswith("quire/")):
            yield include.line, 'our headers are "quire/..."'


def system_headers(source):
    if source.is_in(*system_header_homes):
        return
    for include in source.includes:
        if system_header.fullmatch(include.target):
            yield include.line, f"{include.target}: only engine/file talks to the system"


def libraries(source):
    """A foreign library has a home; a new one needs a line in the table."""
    layer = layer_of(source.path)
    if layer is None or source.is_in("bench"):
        return
    for include in source.includes:
        name = include.name
        if include.quoted or name.startswith("quire/") or system_header.fullmatch(include.target):
            continue
        if "/" not in name and "." not in name:
            continue
        homes = [home for prefix, home in library_homes.items() if name.startswith(prefix)]
        if not any(layer in home for home in homes):
            yield include.line, f"<{name}> has no home in {layer}"


def include_cycles(sources):
    """Includes point one way among files, too: offences for every circle of headers."""
    graph = {source.path: [(include.line, home_of(include)) for include in source.includes
                           if home_of(include)] for source in sources if source.kind == "cpp"}
    done, trail = set(), []

    def visit(path):
        if path in done or path not in graph:
            return
        trail.append(path)
        for line, target in graph[path]:
            if target in trail:
                circle = " -> ".join(trail[trail.index(target):] + [target])
                yield Offence(path, line, "include_cycles", circle)
            else:
                yield from visit(target)
        trail.pop()
        done.add(path)

    for path in graph:
        yield from visit(path)


every_text = [characters, columns, file_length, function_length, head, words]
cpp_only = [pragma_once, names, rulers, casts, exceptions, using_namespace, macros, sleeping,
            silenced_checks, include_direction, include_spelling, system_headers, libraries]
laws = every_text + cpp_only


def judge(source):
    """All offences of one file."""
    offences = []
    for law in laws if source.kind == "cpp" else every_text:
        for line, message in law(source):
            offences.append(Offence(source.path, line, law.__name__, message))
    count = len(source.lines) - 1
    if source.kind != "prose" and 400 < count <= 600:
        offences.append(Offence(source.path, count, "file_length", f"{count} lines", is_note=True))
    return offences
