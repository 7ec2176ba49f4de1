"""The table at the end of a run: what was measured, the target beside it, and whether it is met."""

import os
import platform
import tempfile
from importlib.metadata import version
from typing import NamedTuple

import pytest

# The settings of whoever measures would be measured.
NO_SETTINGS = tempfile.TemporaryDirectory()
os.environ["XDG_CONFIG_HOME"] = NO_SETTINGS.name


class Row(NamedTuple):
    """One line of the table; of `value` less is better, `spread` has that of each round."""

    figure: str
    against: str
    value: float
    spread: list[float]
    target: float | None
    unit: str

    @property
    def verdict(self):
        """Whether the target is met."""
        if self.target is None:
            return ""
        return "met" if self.value <= self.target else "MISSED"

    @property
    def cells(self):
        """The columns of the table."""
        show = self._ratio if self.unit == "ratio" else SHOWN[self.unit].format
        target = "" if self.target is None else show(self.target)
        return self.against, show(self.value), show(min(self.spread)), show(max(self.spread)), target, self.verdict

    def _ratio(self, value):
        """A ratio as one would say it, all of a line alike: 1/945, or 0.14."""
        return f"1/{1 / value:,.0f}" if self.value < 0.1 else f"{value:.2f}"


SHOWN = {"MB": "{:+.1f} MB", "ms": "{:.0f} ms", "%": "{:.1f} %", "KB/s": "{:.1f} KB/s", "KB": "{:.1f} KB"}
HEADING = ("", "measured", "least", "most", "target", "")
ROWS = pytest.StashKey[list[Row]]()


def pytest_configure(config):
    config.stash[ROWS] = []


@pytest.fixture
def report(request):
    """Takes a line of the table, and gives its value back."""

    def add(figure, against, value, spread, target=None, unit="ratio"):
        request.config.stash[ROWS].append(Row(figure, against, value, spread, target, unit))
        return value

    return add


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash[ROWS]
    if not rows:
        return
    lines = [HEADING, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def line(cells, **markup):
        name, *others = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        terminalreporter.write_line("  ".join(["", name.strip().ljust(widths[0]), *others]).rstrip(), **markup)

    write = terminalreporter.write_line
    terminalreporter.section("the program's time as a share of that of others")
    line(HEADING)
    figure = None
    for row in rows:
        if row.figure != figure:
            figure = row.figure
            write("")
            write(figure, bold=True)
        line(row.cells, **{"MISSED": {"red": True}, "met": {"green": True}}.get(row.verdict, {}))
    targets = [row.verdict for row in rows if row.verdict]
    write("")
    write(f"Targets: {targets.count('met')} of {len(targets)} met. Least and most are those of a round.")
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scikit-learn"))
    write(f"Python {platform.python_version()}, {packages}, {platform.system()} {platform.machine()}")
