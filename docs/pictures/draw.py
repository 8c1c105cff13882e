"""Draws the pictures of the documentation: `python3 docs/pictures/draw.py` writes every SVG anew.

Each picture has a ground of its own, so that it is legible on a light page and on a dark one.
Places are in pixels from the top left corner.
"""

import pathlib
from html import escape

folder = pathlib.Path(__file__).parent

ink, faint, ground = "#1f2933", "#52606d", "#fbfcfd"
# kind: (fill, outline)
kinds = {
    "plain": ("#ffffff", "#7b8794"),
    "grey": ("#e4e8ec", "#7b8794"),
    "blue": ("#d6e6f7", "#2f6aa3"),
    "green": ("#d8efd9", "#2f7d3c"),
    "amber": ("#fbe8c3", "#a86a10"),
    "red": ("#f8d7d3", "#ad3a2e"),
}


class Picture:
    """Collects shapes and writes them as one SVG file."""

    def __init__(self, name, width, height, title):
        self.name, self.width, self.height, self.title = name, width, height, title
        self.shapes = []

    def text(self, x, y, words, size=13, anchor="start", color=ink, bold=False, code=False):
        weight = ' font-weight="600"' if bold else ""
        family = ' font-family="DejaVu Sans Mono, Menlo, Consolas, monospace"' if code else ""
        self.shapes.append(f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" '
                           f'fill="{color}"{weight}{family}>{escape(words)}</text>')

    def box(self, x, y, width, height, kind, *lines, size=13, bold_first=False, dashed=False):
        fill, outline = kinds[kind]
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.shapes.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" '
                           f'fill="{fill}" stroke="{outline}" stroke-width="1.3"{dash}/>')
        step = size + 4
        first = y + height / 2 - step * (len(lines) - 1) / 2 + size * 0.36
        for index, line in enumerate(lines):
            self.text(x + width / 2, round(first + index * step, 1), line, size, "middle",
                      bold=bold_first and index == 0)

    def line(self, *points, color=ink, arrow=True, dashed=False, width=1.4):
        path = " ".join(f"{x},{y}" for x, y in points)
        end = f' marker-end="url(#tip{color[1:]})"' if arrow else ""
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.shapes.append(f'<polyline points="{path}" fill="none" stroke="{color}" '
                           f'stroke-width="{width}"{dash}{end}/>')

    def legend(self, top, step, height, rows):
        """A box of each kind with its words, one below the other."""
        for row, (kind, words) in enumerate(rows):
            y = top + row * step
            self.box(20, y, 16, height, kind)
            self.text(46, y + height - 2, words, size=12)

    def save(self):
        tips = "".join(
            f'<marker id="tip{color[1:]}" viewBox="0 0 8 8" refX="7.2" refY="4" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0,0.6 L7.6,4 L0,7.4 Z" fill="{color}"/>'
            '</marker>' for color in (ink, faint, kinds["blue"][1], kinds["red"][1]))
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
                f'height="{self.height}" viewBox="0 0 {self.width} {self.height}" '
                'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" role="img">\n'
                f'<title>{escape(self.title)}</title>\n<defs>{tips}</defs>\n'
                f'<rect width="{self.width}" height="{self.height}" rx="8" fill="{ground}"/>\n')
        text = head + "\n".join(self.shapes) + "\n</svg>\n"
        (folder / f"{self.name}.svg").write_text(text, encoding="ascii")


# ---- The layers


def layers():
    picture = Picture("layers", 760, 560, "The layers of quire and which way they depend")
    boxes = {
        "tools": (20, 20, 340, 44, "grey", ("tools: kvtool",)),
        "bench": (400, 20, 340, 44, "grey", ("bench",)),
        "api": (20, 96, 720, 44, "amber", ("api: storages, tables, guards, ranges, transactions",)),
        "formats": (20, 172, 200, 44, "green", ("formats: types as bytes",)),
        "front": (250, 172, 490, 44, "blue",
                  ("engine: the door engine.hpp, database, check",)),
        "txn": (250, 248, 490, 44, "blue",
                ("engine/txn: snapshot, transaction, commit, recovery",)),
        "tree": (250, 324, 230, 44, "blue", ("engine/tree",)),
        "mvcc": (510, 324, 230, 44, "blue", ("engine/mvcc: words, pins",)),
        "space": (250, 400, 230, 44, "blue", ("engine/space: extents, log",)),
        "page": (250, 476, 230, 44, "blue", ("engine/page: every byte",)),
        "file": (510, 476, 230, 44, "blue", ("engine/file: the system",)),
        "base": (20, 476, 200, 44, "blue", ("engine/base",)),
    }
    for x, y, width, height, kind, lines in boxes.values():
        picture.box(x, y, width, height, kind, *lines)
    for points in (
            ((190, 64), (190, 94)), ((570, 64), (570, 94)), ((120, 140), (120, 170)),
            ((495, 140), (495, 170)), ((495, 216), (495, 246)), ((365, 292), (365, 322)),
            ((625, 292), (625, 322)), ((365, 368), (365, 398)), ((365, 444), (365, 474)),
            ((625, 368), (625, 474)), ((545, 368), (545, 466), (470, 466), (470, 474)),
            ((440, 444), (440, 454), (580, 454), (580, 474)),
            ((120, 216), (120, 474)), ((250, 498), (222, 498)),
            ((625, 520), (625, 540), (120, 540), (120, 522))):
        picture.line(*points, color=faint)
    picture.save()


# ---- The file


def file():
    picture = Picture("file", 800, 250, "Layout of the file: four meta slots, then pages")
    picture.text(20, 30, "offset 0", color=faint)
    picture.text(400, 30, "64 KiB", anchor="middle", color=faint)
    picture.text(780, 30, "end of the file", anchor="end", color=faint)
    for slot in range(4):
        x = 20 + slot * 95
        picture.box(x, 42, 95, 64, "grey")
        picture.box(x, 42, 40, 64, "blue", f"slot {slot}", size=11)
    for index, (kind, what) in enumerate((
            ("green", "leaf"), ("green", "branch"), ("amber", "log"), ("plain", "free"),
            ("green", "run"), ("green", "run"), ("red", "pending"))):
        picture.box(400 + index * 44, 42, 44, 64, kind, what, size=9)
    picture.box(708, 42, 72, 64, "plain", "slack", size=11, dashed=True)
    picture.line((708, 128), (708, 110), color=faint)
    picture.text(708, 144, "page count", anchor="middle", color=faint)
    picture.line((20, 122), (115, 122), color=faint, arrow=False)
    picture.text(67, 140, "16 KiB each, 4 KiB used", anchor="start", color=faint)
    picture.line((20, 118), (20, 126), color=faint, arrow=False)
    picture.line((115, 118), (115, 126), color=faint, arrow=False)
    picture.legend(160, 21, 14, (
        ("blue", "a meta slot names one committed state: catalog root, space log, page count"),
        ("green", "pages of trees (leaf, rows, branch) and runs with one large value each"),
        ("amber", "pages of the space log: what each transaction took and freed"),
        ("red", "dead pages that a pin may still see; free pages are for the next commit")))
    picture.save()


# ---- The four meta slots


def slots():
    picture = Picture("meta-slots", 800, 330, "Which of the four meta slots a commit writes")
    columns = ("opened", "7 written", "7 synced", "8 written", "9 written", "9 synced")
    # By slot: what each moment shows; (text, kind).
    old, durable, newest, both = "plain", "green", "amber", "blue"
    rows = (
        (("txn 6", both), ("txn 6", durable), ("txn 6", old), ("txn 6", old), ("txn 6", old),
         ("txn 6", old)),
        (("txn 3", old), ("txn 7", newest), ("txn 7", both), ("txn 7", durable),
         ("txn 7", durable), ("txn 7", old)),
        (("txn 4", old), ("txn 4", old), ("txn 4", old), ("txn 8", newest), ("txn 8", old),
         ("txn 8", old)),
        (("txn 5", old), ("txn 5", old), ("txn 5", old), ("txn 5", old), ("txn 9", newest),
         ("txn 9", both)),
    )
    for index, title in enumerate(columns):
        picture.text(140 + index * 110, 32, title, anchor="middle", bold=True)
    for slot, row in enumerate(rows):
        picture.text(20, 72 + slot * 48, f"slot {slot}", bold=True)
        for index, (words, kind) in enumerate(row):
            picture.box(92 + index * 110, 50 + slot * 48, 96, 36, kind, words)
    legend = (("blue", "the newest durable state and the newest written one: not to be written"),
              ("green", "the newest durable state: recovery may have to go back to it"),
              ("amber", "the newest written state: it may have reached the disk already"),
              ("plain", "may be written; the next commit takes the one with the lowest sequence"))
    picture.legend(248, 20, 13, legend)
    picture.save()


# ---- Copy on write


def copy_on_write():
    picture = Picture("copy-on-write", 800, 400, "A put copies the path from the leaf to the root")
    picture.text(210, 30, "state 8", anchor="middle", bold=True)
    picture.text(590, 30, "state 9: one put into the third leaf", anchor="middle", bold=True)
    old_root, new_root = (150, 48), (530, 48)
    branches = ((40, 148), (260, 148))
    leaves = ((20, 258), (130, 258), (240, 258), (350, 258))
    new_branch, new_leaf = (530, 148), (530, 258)

    def page(place, kind, name, born):
        picture.box(*place, 120 if place[1] < 200 else 100, 42, kind, name, born, size=12)

    page(old_root, "red", "root", "born 8, died 9")
    page(branches[0], "plain", "branch", "born 3")
    page(branches[1], "red", "branch", "born 8, died 9")
    for place, born in zip(leaves, ("born 3", "born 2", "born 5, died 9", "born 8")):
        page(place, "red" if "died" in born else "plain", "leaf", born)
    page(new_root, "green", "root", "born 9")
    page(new_branch, "green", "branch", "born 9")
    page(new_leaf, "green", "leaf", "born 9")
    for points in (((190, 90), (110, 146)), ((230, 90), (310, 146)), ((85, 190), (70, 256)),
                   ((115, 190), (175, 256)), ((305, 190), (290, 256)), ((335, 190), (390, 256))):
        picture.line(*points, color=faint)
    blue = kinds["blue"][1]
    picture.line((590, 90), (590, 146), color=ink)
    picture.line((590, 190), (583, 256), color=ink)
    picture.line((560, 90), (162, 150), color=blue, dashed=True)
    picture.line((545, 190), (442, 256), color=blue, dashed=True)
    picture.legend(324, 22, 14, (
        ("green", "copies: born in transaction 9, written to free or new places"),
        ("plain", "shared by both states, and not touched"),
        ("red", "died in transaction 9: pending until no pin can see them, then free")))
    picture.line((520, 331), (570, 331), color=blue, dashed=True)
    picture.text(580, 336, "reference to a shared page", size=12)
    picture.save()


# ---- A commit in time


def commit():
    picture = Picture("commit", 860, 450, "The steps of a commit in time, by durability")

    def lane(y, name, note, steps):
        picture.text(20, y + 16, name, bold=True)
        picture.text(20, y + 33, note, size=11, color=faint)
        for x, width, kind, lines in steps:
            picture.box(x, y, width, 46, kind, *lines, size=11)

    before = ((150, 100, "blue", ("numbers,", "log record")),
              (256, 110, "blue", ("write pages", "in few calls")))
    lane(66, "full", "one sync", before + (
        (372, 90, "amber", ("write the", "spare slot")), (468, 130, "amber", ("fdatasync",)),
        (604, 80, "plain", ("P, D := 9",)), (690, 80, "plain", ("return",))))
    lane(156, "two_phase", "two syncs", before + (
        (372, 100, "red", ("fdatasync",)), (478, 90, "amber", ("write the", "spare slot")),
        (574, 100, "amber", ("fdatasync",)), (680, 80, "plain", ("P, D := 9",)),
        (766, 74, "plain", ("return",))))
    lane(246, "buffered", "no sync", before + (
        (372, 90, "amber", ("write the", "spare slot")), (468, 80, "plain", ("P := 9",)),
        (554, 80, "plain", ("return",)),
        (690, 150, "amber", ("fdatasync, D := 9", "in a later call"))))
    picture.line((636, 269), (688, 269), color=faint, dashed=True)
    picture.text(150, 34, "time", color=faint)
    picture.line((186, 30), (840, 30), color=faint)
    for y, x in ((66, 462), (156, 568), (246, 462)):
        picture.text(x, y + 62, "W := 9", size=11, anchor="end", color=faint)
    picture.legend(330, 24, 14, (
        ("blue", "a failure here: rolled back, and the database stays usable"),
        ("red", "a failure here: rolled back, and no more commits until the file is opened "
                "again"),
        ("amber", "a failure here: outcome unknown, and no more commits until the file is "
                  "opened again")))
    picture.text(20, 422, "A power cut before the slot is whole on the disk: the file is in the "
                          "state before.", size=12, color=faint)
    picture.text(20, 440, "Later: recovery looks whether every page is there, and takes state 9 or "
                          "the one before.", size=12, color=faint)
    picture.save()


# ---- A read


def read():
    picture = Picture("read", 820, 370, "How a get finds its value, and what the guard holds on to")
    picture.box(20, 30, 190, 48, "amber", "published word", "txn 42 | record 7", size=12,
                bold_first=True)
    picture.box(20, 150, 190, 66, "amber", "state record 7", "roots, page count,", "space log",
                size=12, bold_first=True)
    picture.box(20, 286, 190, 48, "green", "reader slot of a thread", "txn 42 | count 1", size=12,
                bold_first=True)
    picture.line((115, 78), (115, 148))
    picture.text(122, 108, "1. copy", size=12)
    picture.line((115, 284), (115, 218))
    picture.text(122, 248, "2. set the slot; 3. the", size=12)
    picture.text(122, 264, "word is still the same?", size=12)
    picture.box(300, 30, 500, 216, "plain", dashed=True)
    picture.text(312, 52, "the map of the file, read-only", color=faint, size=12)
    picture.box(320, 90, 110, 44, "blue", "root", "level 2", size=12)
    picture.box(480, 90, 110, 44, "blue", "branch", "level 1", size=12)
    picture.box(640, 90, 130, 44, "blue", "leaf", "level 0", size=12)
    picture.line((210, 183), (270, 183), (270, 112), (318, 112))
    picture.text(222, 176, "4.", size=12)
    picture.line((430, 112), (478, 112))
    picture.line((590, 112), (638, 112))
    picture.box(640, 180, 130, 40, "green", "the value, in place", size=12)
    picture.line((705, 134), (705, 178))
    picture.text(320, 170, "The door looks at each page: its table,", size=12, color=faint)
    picture.text(320, 187, "its level, born no later than its parent;", size=12, color=faint)
    picture.text(320, 204, "at first touch also checksum and structure.", size=12, color=faint)
    picture.box(500, 286, 190, 48, "green", "guard", "pin and place of the value", size=12,
                bold_first=True)
    picture.line((498, 310), (212, 310))
    picture.text(355, 302, "holds one count", size=12, anchor="middle")
    picture.line((640, 284), (690, 222))
    picture.save()


# ---- Space


def space():
    picture = Picture("space", 820, 370, "A dead page is free when no pin lies in its lifetime")
    left, step = 110, 44

    def at(txn):
        return left + (txn - 10) * step

    for txn in range(10, 21):
        picture.text(at(txn), 36, str(txn), anchor="middle", color=faint, size=12)
        picture.line((at(txn), 44), (at(txn), 250), color="#d5dbe1", arrow=False, width=1)
    picture.text(20, 36, "transaction", color=faint, size=12)
    pages = (("page a", 10, 14, "red", "the snapshot at 12 sees it: pending"),
             ("page b", 13, 15, "green", "nobody can see it: free"),
             ("page c", 16, 20, "red", "the state at 18 has it: pending"),
             ("page d", 15, 17, "green", "nobody can see it: free"),
             ("page e", 11, 19, "red", "seen at 12 and at 18: pending"))
    for row, (name, born, died, kind, words) in enumerate(pages):
        y = 62 + row * 38
        picture.text(20, y + 18, name, size=12)
        picture.box(at(born), y, (died - born) * step, 26, kind)
        picture.text(572, y + 18, words, size=12)
    for txn, name in ((12, "snapshot at 12"), (18, "P and D at 18")):
        picture.line((at(txn), 46), (at(txn), 262), color=kinds["blue"][1], arrow=False, width=2.5)
        picture.text(at(txn), 280, name, anchor="middle", size=12, bold=True,
                     color=kinds["blue"][1])
    for row, words in enumerate((
            "A bar begins where its page was born and ends where it died; it includes the first "
            "and not the last.",
            "A dead page may be written again when no pin p has born <= p < died.",
            "So an old snapshot keeps what it sees, and nothing that came and went after it.")):
        picture.text(20, 312 + row * 22, words, size=12)
    picture.save()


# ---- Processes


def processes():
    picture = Picture("processes", 820, 400, "What processes that share a file have in common")
    for index, (name, what) in enumerate((
            ("process 0", ("writes: has the", "writer's place")),
            ("process 1", ("syncs: has the turn", "to sync")),
            ("process 2", ("reads")))):
        what = (what,) if isinstance(what, str) else what
        x = 20 + index * 270
        picture.box(x, 30, 240, 84, "grey", name, *what, bold_first=True)
    picture.box(20, 190, 510, 150, "plain", dashed=True)
    picture.text(32, 212, "companies.quire-lock: shared memory", color=faint, size=12)
    picture.box(40, 226, 110, 46, "amber", "words", "W, P, F, D", size=12)
    picture.box(165, 226, 110, 46, "amber", "records", "of 256 states", size=12)
    picture.box(290, 226, 110, 46, "green", "reader slots", "txn | count", size=12)
    picture.box(415, 226, 100, 46, "blue", "processes", "number, name", size=12)
    picture.text(40, 300, "A byte of this file is locked by each process for as long as it lives:",
                 size=12, color=faint)
    picture.text(40, 318, "who gets the lock of another's byte frees that one's slots.", size=12,
                 color=faint)
    picture.box(560, 190, 240, 150, "plain", dashed=True)
    picture.text(572, 212, "companies.quire", color=faint, size=12)
    picture.box(580, 226, 200, 30, "grey", "meta slots, pages", size=12)
    for index, lock in enumerate(("presence", "opening", "queue", "writer", "sync", "sharing")):
        picture.box(580 + index % 3 * 68, 266 + index // 3 * 34, 62, 28, "red", lock, size=10)
    for x in (140, 410, 680):
        picture.line((x, 114), (min(x, 480), 188), color=faint)
        picture.line((x, 114), (max(x, 600), 188), color=faint)
    picture.text(20, 370, "Red: locks on bytes far behind the data. The system gives up those of a "
                          "killed process, and wakes who waits for them.", size=12)
    picture.save()


# ---- Resident commits


def resident():
    picture = Picture("resident", 820, 400,
                      "Resident commits stay in the arena until one goes to the file")
    left, step = 190, 74

    def at(txn):
        return left + (txn - 20) * step

    for txn, level in ((20, "full"), (21, "resident"), (22, "resident"), (23, "resident"),
                       (24, "resident"), (25, "buffered")):
        picture.text(at(txn) + 30, 34, str(txn), anchor="middle", bold=True)
        picture.text(at(txn) + 30, 52, level, anchor="middle", size=11, color=faint)
        picture.line((at(txn) + 30, 60), (at(txn) + 30, 300), color="#d5dbe1", arrow=False, width=1)
    picture.text(20, 34, "transaction", color=faint, size=12)
    rows = (("arena: root", "blue", ((21, 22), (22, 23), (23, 24), (24, 25))),
            ("arena: leaf", "blue", ((21, 22), (22, 24), (24, 25))),
            ("arena: other leaf", "blue", ((23, 25),)))
    for row, (name, kind, lives) in enumerate(rows):
        y = 70 + row * 40
        picture.text(20, y + 19, name, size=12)
        for born, died in lives:
            picture.box(at(born) + 30, y, (died - born) * step - 3, 28, kind)
    picture.text(20, 212, "file: old pages", size=12)
    picture.box(at(20) - 20, 193, 5 * step + 47, 28, "red",
                "needed by the newest slot until 25 is written", size=12)
    picture.text(20, 252, "file: new pages", size=12)
    picture.box(at(25) + 30, 233, 150, 28, "green", "each written once", size=12)
    picture.text(20, 292, "newest meta slot", size=12)
    picture.box(at(20) + 30, 273, 5 * step - 3, 28, "amber", "names 20", size=12)
    picture.box(at(25) + 30, 273, 150, 28, "amber", "names 25", size=12)
    for row, words in enumerate((
            "Each bar begins where its page was born and ends where it died.",
            "The death of the process, or a power cut, before 25 is written leaves the state 20.",
            "A dead page of the arena is used again when no pin sees it, as one of the file is.")):
        picture.text(20, 334 + row * 22, words, size=12)
    picture.save()


if __name__ == "__main__":
    for draw in (layers, file, slots, copy_on_write, commit, read, space, processes,
                 resident):
        draw()
