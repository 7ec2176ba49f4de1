"""Files as LibreOffice, pandas, Excel, R and people write them (tests/data): their samples, and the fit of these."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.session.session import RunSession

FOLDER = Path(__file__).parents[3] / "data"


class Expected(NamedTuple):
    """What a file holds, as whoever made it knows."""

    columns: str | None
    x: list[float]
    y: list[float]
    left_out: Sequence[int] = ()


TIMES = [0.25 * n for n in range(12) if n != 7]
SPEEDS = [5.102, 5.2285, 5.6959, 5.9279, 6.1774, 6.3955, 6.474, 6.7567, 7.0224, 6.8863, 6.8386]
WEIGHTS = [115, 117, 120, 123, 126, 129, 132, 135, 139, 142, 146, 150, 154, 159, 164]  # R's women, of 58 to 72 inches
MTCARS = (  # R's, horsepower and miles per gallon; the fourth has lost its own
    "110 21 110 21 93 22.8 175 18.7 105 18.1 245 14.3 62 24.4 95 22.8 123 19.2 123 17.8 180 16.4 180 17.3 180 15.2 "
    "205 10.4 215 10.4 230 14.7 66 32.4 52 30.4 65 33.9 97 21.5 150 15.5 150 15.2 245 13.3 175 19.2 66 27.3 91 26 "
    "113 30.4 264 15.8 175 19.7 335 15 109 21.4"
)
CARS = (  # R's, speed and distance to stop
    "4 2 4 10 7 4 7 22 8 16 9 10 10 18 10 26 10 34 11 17 11 28 12 14 12 20 12 24 12 28 13 26 13 34 13 34 13 46 14 26 "
    "14 36 14 60 14 80 15 20 15 26 15 54 16 32 16 40 17 32 17 40 17 50 18 42 18 56 18 76 18 84 19 36 19 46 19 68 20 32 "
    "20 48 20 52 20 56 20 64 22 66 23 54 24 70 24 92 24 93 24 120 25 85"
)


def alternating(text):
    numbers = [float(word) for word in text.split()]
    return numbers[::2], numbers[1::2]


FILES = {
    "libreoffice.csv": Expected(
        "Zeit in s,Höhe in m", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [2.001, 1.952, 1.806, 1.561, 1.218, 0.776, 0.237], [7]
    ),
    "pandas-index.csv": Expected("time,speed", TIMES, SPEEDS, [9]),
    "pandas-index-two.csv.gz": Expected(None, TIMES, SPEEDS),
    "pandas-utf-16.tsv": Expected("1,3", TIMES, SPEEDS, [9]),
    "pandas-decimal.csv": Expected(None, TIMES, SPEEDS, [9]),
    "excel-utf-8.csv": Expected("Load, N; Deflection", [10, 20, 30, 40, 50], [0.52, 1.07, 1.66, 2.28, 2.95], [7]),
    "r-write-table.txt": Expected(None, [*range(58, 73)], WEIGHTS),
    "r-row-names.txt": Expected("hp,mpg", *alternating(MTCARS), [5]),
    "r-write-csv2.csv": Expected(None, [round(inches * 0.0254, 4) for inches in range(58, 73)], WEIGHTS),
    "r-plain.tsv": Expected(None, *alternating(CARS)),
    "by-hand.txt": Expected(None, [15, 25, 35, 45, 55, 65, 75], [4.1, 6.3, 7.6, 8.2, 7.5, 6.2, 4]),
}


def test_every_file_is_read_here_and_described():
    assert {file.name for file in FOLDER.iterdir() if file.is_file()} == {*FILES, "README.md"}
    assert [name for name in FILES if f"`{name}`" not in (FOLDER / "README.md").read_text(encoding="utf-8")] == []


@table("name", FILES)
def test_files_give_expected_samples_and_fit(name):
    columns, x, y, left_out = FILES[name]
    config = RunConfig(data=str(FOLDER / name), columns=columns)
    problem = make_dataset(config)
    assert (problem.x.tolist(), problem.y.tolist(), list(problem.left_out)) == (x, y, list(left_out))
    assert problem.optimum.tolist() == pytest.approx(np.polyfit(x, y, 2), rel=1e-9)


@pytest.mark.parametrize("name", FILES)
def test_training_reaches_the_fit(name):
    columns, x, y, _ = FILES[name]
    session = RunSession(PRESETS["own-data"].replace(data=str(FOLDER / name), columns=columns), speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    assert session.snapshot().w.tolist() == pytest.approx(np.polyfit(x, y, 2), rel=1e-6)
