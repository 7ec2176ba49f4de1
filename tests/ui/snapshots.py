"""Snapshots of the screen as text: its characters, and below them a letter for the ink (colors, style) of each."""

import difflib
import inspect
import io
import pickle
import re
import string
from functools import cache

from pytest_textual_snapshot import PseudoApp, PseudoConsole, node_to_report_path
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.app import App

from quadfit_tui.ui.toolkit.textual_internals import screen_strips

LETTERS = string.ascii_letters + string.digits + string.punctuation
STYLES = ("bold", "dim", "italic", "underline", "strike")


class Taken(App):
    """The screen of an app as it is now: as text, and as SVG for `snap_compare`, which has an app run for that."""

    def __init__(self, app):
        super().__init__()
        self.title = app.title
        self.rows = [list(strip.simplify().discard_meta()) for strip in screen_strips(app)]

    def run(self, **_):
        return svg(self.rows, self.title)

    def __str__(self):
        return written(self.rows, self.title)


class ScreenText(SingleFileSnapshotExtension):
    """Keeps each in a file of its own."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT


def written(rows, title):
    """The size and the title, the characters of the screen, their inks, and what each letter of these is.

    A blank has a letter where the ground changes.
    """
    cells = [[(char, ink(char == " ", style)) for text, style, _ in row for char in text] for row in rows]
    letters = {}
    inks = [
        "".join(
            " " if char == " " and left and name == ground(left[1]) else letters.setdefault(name, LETTERS[len(letters)])
            for left, (char, name) in zip([None, *row], row, strict=False)
        )
        for row in cells
    ]
    characters = ["".join(char for char, _ in row).rstrip() for row in cells]
    size = f"{sum(cell_len(char) for char, _ in cells[0])}×{len(rows)} {title}"
    legend = [f"{letter} {name}" for name, letter in letters.items()]
    return "\n".join([size, "", *characters, "", *(row.rstrip() for row in inks), "", *legend, ""])


@cache
def ink(is_blank, style):
    """What is seen of a style, as rich reads it."""
    colors = [getattr(color, "name", "default") for color in (style.color, style.bgcolor)]
    color, behind = colors[::-1] if style.reverse else colors
    styles = [name for name in STYLES if getattr(style, name)]
    if is_blank:  # nothing is seen of its color but in a line
        return " ".join([f"on {behind}", *(name for name in styles if name in STYLES[-2:])])
    return " ".join([color, f"on {behind}", *styles])


def ground(ink):
    """That of a blank beside it."""
    return re.search(r"on \S+", ink)[0]


def read(text):
    """The rows and the title of what was written."""
    head, _, *lines = text.split("\n")
    size, title = head.split(" ", 1)
    width, height = map(int, size.split("×"))
    names = {line[0]: line[2:] for line in lines[2 * height + 2 :] if line}
    rows = []
    for characters, inks in zip(lines[:height], lines[height + 1 :], strict=False):
        characters += " " * (width - cell_len(characters))
        row, name = [], ""
        for char, letter in zip(characters, inks.ljust(len(characters)), strict=True):
            name = ground(name) if letter == " " else names[letter]
            row.append(Segment(char, Style.parse(name)))
        rows.append(list(Segment.simplify(row)))
    return rows, title


def svg(rows, title):
    """The same picture that Textual takes of an app."""
    width = sum(segment.cell_length for segment in rows[0])
    console = Console(
        width=width, height=len(rows), file=io.StringIO(), force_terminal=True, color_system="truecolor", record=True
    )
    lines = [segment for row in rows for segment in (*row, Segment.line())]
    console.print(Segments(lines[:-1]))
    return console.export_svg(title=title)


def report(node, held, taken):
    """Has the plugin show before and after in its snapshot_report.html, beside each other and in color; gives the lines
    that differ.
    """
    before, after = held.executions[held.num_executions - 1].recalled_data or "", str(taken)
    path, line, name = node.reportinfo()
    pictures = svg(*read(before)) if before else "", svg(*read(after))
    console = PseudoApp(PseudoConsole(False, (80, 24)))
    data = False, *pictures, console, path, line, name, inspect.getdoc(node.function) or "", "", bool(before)
    node_to_report_path(node).write_bytes(pickle.dumps(data))
    differ = difflib.unified_diff(before.split("\n"), after.split("\n"), "before", "after", lineterm="", n=0)
    return "\n".join(["The screen is not as it was:", *differ])
