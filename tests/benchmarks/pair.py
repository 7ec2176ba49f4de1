"""python -m tests.benchmarks.pair A B: measures two commits in turns, and prints the ratios of B to A.

Each is checked out into a folder of its own, and both are run with the packages of this Python; `.` is the folder of
this file as it is. Below 1, B takes less. What a commit lacks, its row says.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks import turns
from tests.benchmarks.measured import MEASURES


@contextlib.contextmanager
def checked_out(commit, folder):
    """The folder that has the files of a commit, compiled."""
    git = ["git", "-C", turns.ROOT, "worktree"]
    if commit == ".":
        yield turns.ROOT
        return
    try:
        subprocess.run([*git, "add", "--quiet", "--detach", folder, commit], check=True)
        subprocess.run([sys.executable, "-m", "compileall", "-q", folder / "quadfit_tui"], check=True)
        yield folder
    except subprocess.CalledProcessError:
        raise SystemExit(f"{commit!r} is no commit that can be checked out") from None
    finally:
        subprocess.run([*git, "remove", "--force", folder], capture_output=True)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pair", description=__doc__)
    parser.add_argument("one", metavar="A", help="a commit, or . for the files as they are")
    parser.add_argument("other", metavar="B", help="another one")
    parser.add_argument("-k", dest="part", default="", metavar="NAME", help="only those with this in their names")
    parser.add_argument("--rounds", type=int, default=5, help="of four turns each: A, B, B, A [5]")
    options = parser.parse_args()
    names, one, other = turns.chosen(MEASURES, options.part), options.one, options.other
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trees = [
            stack.enter_context(checked_out(each, folder / side)) for each, side in zip((one, other), "AB", strict=True)
        ]
        print(f"{options.rounds} rounds of A, B, B, A; {turns.quiet()}\n")
        table = turns.Printed(one, other, "B to A", "by the clock")
        for name in names:
            try:
                mine, theirs = turns.in_turns((name, trees[0]), (name, trees[1]), options.rounds)
            except turns.CannotRunError as error:
                table.failed(name, error)
                continue
            for figure in (figure for figure in mine if figure in turns.UNITS):
                cells = [f"{turns.short(median(side[figure]))} {turns.UNITS[figure]}" for side in (mine, theirs)]
                cells.append(turns.spread(turns.ratios(theirs[figure], mine[figure]), turns.as_ratio))
                if figure == "ms" and "wall" in mine:
                    cells.append(turns.spread(turns.ratios(theirs["wall"], mine["wall"]), turns.as_ratio))
                note = "" if mine.get("w") == theirs.get("w") else "another w"
                table.row(name, *cells, note)


if __name__ == "__main__":
    main()
