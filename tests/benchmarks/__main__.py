"""python -m tests.benchmarks: measures the program beside what others take for the same, and prints the limits.

A limit that is missed is told in the table and fails nothing: a machine may be slow, or busy.
"""

import argparse
import math
import platform
from statistics import median

from tests.benchmarks import turns
from tests.benchmarks.measured import MEASURES


def figures(name, rounds):
    """(figure, values, how to show one) of each figure: the ratios to a contender where there is one."""
    measured = MEASURES[name]
    if measured.against is None:
        found = [turns.turn(name, turns.ROOT) for _ in range(rounds)]
        for figure in (figure for figure in found[0] if figure in turns.UNITS):
            yield turns.UNITS[figure], [each[figure] for each in found], turns.short, measured.limits.get(figure)
        return
    mine, theirs = turns.in_turns((name, turns.ROOT), (measured.against, turns.ROOT), rounds)
    for one, other in zip(mine.get("w", []), theirs.get("w", []), strict=True):
        size = 1e-9 * max(map(abs, one))
        if not all(math.isclose(a, b, rel_tol=0, abs_tol=size) for a, b in zip(one, other, strict=True)):
            raise turns.CannotRunError(f"{measured.against} comes to another w: {other}, not {one}")
    for figure in (figure for figure in mine if figure in turns.UNITS):
        values = turns.ratios(mine[figure], theirs[figure])
        yield f"to {measured.against}, {turns.UNITS[figure]}", values, turns.as_ratio, measured.limits.get(figure)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("-k", dest="part", default="", metavar="NAME", help="only those with this in their names")
    parser.add_argument("--rounds", type=int, default=3, help="of each measure [3]")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {turns.quiet()}\n")
    table, met = turns.Printed("", "measured", "limit"), []
    for name in turns.chosen(MEASURES, options.part):
        try:
            for figure, values, show, limit in figures(name, options.rounds):
                cells = [figure, turns.spread(values, show), "" if limit is None else show(limit)]
                if limit is not None:
                    met.append(median(values) <= limit)
                    cells.append("met" if met[-1] else "MISSED")
                table.row(name, *cells)
        except turns.CannotRunError as error:
            table.failed(name, error)
    print(f"\n{sum(met)} of {len(met)} limits met. In brackets: the least and the most of a round.")


if __name__ == "__main__":
    main()
