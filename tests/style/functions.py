"""Where functions begin and end.

C++ is followed by its braces, which is reliable for code without tricks in macros: outside of
function bodies a brace opens a namespace or class (looked into), a function (measured), or an
initialiser (passed over). Lambdas and local classes count as lines of their function.
"""

import ast
import re
from dataclasses import dataclass

punctuation = re.compile(r"[{}();]")
directive = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
attribute = re.compile(r"\[\[.*?\]\]|\balignas\s*\([^()]*\)", re.DOTALL)
access = re.compile(r"(?:\s*(?:public|protected|private)\s*:(?!:))*\s*")
container = re.compile(r"(?:inline\s+)?namespace\b|(?:class|struct|union)\b|extern\s*$")
requires_expression = re.compile(r"\brequires\s*(?:\([^{}]*\))?\s*$")
lambda_head = re.compile(r"\[[^\[\]]*\]\s*(?:<[^{}]*>\s*)?(?:\([^{}]*\)[^{}()]*)?$")
function_name = re.compile(r"(operator\s*\S+?|~?\w+)\s*\(")


class UnmatchedBraces(Exception):
    """The braces of a file cannot be followed; .offset is where it was noticed."""

    def __init__(self, offset):
        super().__init__(offset)
        self.offset = offset


@dataclass(frozen=True)
class Function:
    """A function's name and its first and last line, signature and braces included."""

    name: str
    first: int
    last: int

    @property
    def length(self):
        return self.last - self.first + 1


def matching_brace(code, opening):
    depth = 0
    for brace in re.finditer(r"[{}]", code[opening:]):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return opening + brace.start()
    raise UnmatchedBraces(opening)


def without_template(head):
    """Cuts leading `template <...>` lists off, however deep they nest."""
    head = head.lstrip()
    while re.match(r"template\s*<", head):
        depth, index = 0, head.index("<")
        for index in range(index, len(head)):
            depth += {"<": 1, ">": -1}.get(head[index], 0)
            if depth == 0:
                break
        head = head[index + 1:].lstrip()
    return head


def name_in(head):
    head = without_template(attribute.sub(" ", head))
    if head.startswith("requires"):
        head = head.partition("\n")[2]
    found = function_name.search(head)
    return found.group(1) if found else "lambda"


def what_opens(head, after):
    """What a brace opens: container, function or initialiser.

    head is the code since the last statement, after the first character behind the closing brace.
    """
    head = without_template(attribute.sub(" ", head)).strip()
    if container.match(head) and "=" not in head:
        return "container"
    if head.startswith("enum") or requires_expression.search(head) or head.endswith("="):
        return "initialiser"
    if lambda_head.search(head):
        return "function"
    if ")" not in head or after in {",", "{", ";"}:
        return "initialiser"
    return "function"


def cpp_functions(source):
    """All functions of a C++ file, in order."""
    code = directive.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), source.code)
    found, depth, parentheses = [], 0, 0
    head_start = position = 0
    while (token := punctuation.search(code, position)) is not None:
        mark, position = token.group(), token.end()
        if mark in "()":
            parentheses += 1 if mark == "(" else -1
        elif mark == ";" and parentheses == 0:
            head_start = position
        elif mark == "}":
            depth, head_start = depth - 1, position
            if depth < 0:
                raise UnmatchedBraces(token.start())
        elif mark == "{":
            closing = matching_brace(code, token.start())
            head_start += access.match(code[head_start:token.start()]).end()
            head = code[head_start:token.start()]
            what = "initialiser" if parentheses else what_opens(
                head, code[closing + 1:].lstrip()[:1])
            if what == "container":
                depth, head_start = depth + 1, position
                continue
            position = closing + 1
            if what == "function":
                found.append(Function(name_in(head), source.line_at(head_start),
                                      source.line_at(closing)))
                head_start = position
    if depth != 0:
        raise UnmatchedBraces(len(code) - 1)
    return found


def python_functions(source):
    tree = ast.parse(source.text)
    return [Function(node.name, node.lineno, node.end_lineno) for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def shell_functions(source):
    found, first = [], None
    for number, line in enumerate(source.lines, 1):
        if opened := re.match(r"(\w+)\(\) [{(]$", line):
            first = (opened.group(1), number)
        elif line in {"}", ")"} and first:
            found.append(Function(first[0], first[1], number))
            first = None
    return found


def functions(source):
    by_kind = {"cpp": cpp_functions, "python": python_functions, "shell": shell_functions}
    return by_kind.get(source.kind, lambda _: [])(source)
