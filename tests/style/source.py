"""A file as the laws look at it: its lines, and for C++ the code and the comments apart.

Strings and comments are blanked out, not cut out, so that every line and column stays where it was.
"""

import pathlib
import re
from dataclasses import dataclass
from functools import cached_property

cpp_token = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"
        | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+')
      | (?P<number>\b\d(?:'?[\w.])*)""", re.DOTALL | re.VERBOSE)
include_directive = re.compile(r'\s*#\s*include\s*(<[^>]*>|"[^"]*")')
python_or_shell = re.compile(r"#!.*\b(python3|bash|sh)\b")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def kind_of(path, text):
    """Which laws hold for a file: cpp, python, shell, meson, prose, or None for all else."""
    suffix = pathlib.PurePosixPath(path).suffix
    by_suffix = {".hpp": "cpp", ".cpp": "cpp", ".py": "python", ".sh": "shell", ".md": "prose",
                 ".build": "meson", ".fbs": "schema"}
    if suffix in by_suffix:
        return by_suffix[suffix]
    shebang = python_or_shell.match(text)
    if shebang:
        return "python" if shebang.group(1) == "python3" else "shell"
    return None


@dataclass(frozen=True)
class Include:
    """One #include: `<vector>` or `"quire/engine/base/bytes.hpp"`, and the line it stands in."""

    line: int
    target: str

    @property
    def name(self):
        return self.target[1:-1]

    @property
    def quoted(self):
        return self.target.startswith('"')


class Source:
    """One file. Lines count from 1, as editors do."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.kind = kind_of(path, text)
        self.lines = text.split("\n")

    @property
    def is_header(self):
        return self.path.endswith(".hpp")

    def is_in(self, *folders):
        return any(self.path.startswith(folder + "/") for folder in folders)

    @cached_property
    def _parts(self):
        code, comments, end = [], [], 0
        for token in cpp_token.finditer(self.text):
            between = self.text[end:token.start()]
            code.append(between)
            comments.append(blank(between))
            end = token.end()
            whole = token.group()
            code.append(whole if token.lastgroup == "number" else blank(whole))
            comments.append(whole if token.lastgroup == "comment" else blank(whole))
        code.append(self.text[end:])
        return "".join(code), "".join(comments)

    @property
    def code(self):
        """C++ without strings and comments."""
        return self._parts[0]

    @property
    def comments(self):
        """The comments of C++ without all else."""
        return self._parts[1]

    @cached_property
    def includes(self):
        found = []
        for number, (code, line) in enumerate(zip(self.code.split("\n"), self.lines), 1):
            directive = include_directive.match(line)
            if directive and code.lstrip().startswith("#"):
                found.append(Include(number, directive.group(1)))
        return found

    def line_at(self, offset):
        return self.text.count("\n", 0, offset) + 1
