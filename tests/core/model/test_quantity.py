"""Quantities: names and units by the headings of a file, and only those that a heading says without doubt."""

import pytest
from tables import table

from quadfit_tui import RunConfig
from quadfit_tui.core.model.problem import make_problem
from quadfit_tui.core.model.quantity import LONGEST, UNNAMED, Quantities, Quantity, quantity_of
from quadfit_tui.core.text.polynomial import polynomial
from quadfit_tui.core.text.width import columns


@table(
    ("heading", "name", "unit"),
    [
        ("height (cm)", "height", "cm"), ("t [s]", "t", "s"), ("高度（厘米）", "高度", "厘米"), ("U (mV)", "U", "mV"),
        ("height", "height", ""), ("height (corrected)", "height (corre…", ""),
        ("% t (s)", "t", "s"), ("", "y", ""), ("a\tb\x07c", "a bc", ""), ("(s)", "y", "s"), ("t_s", "t_s", ""),
    ],
)  # fmt: skip
def test_heading_gives_name_and_known_unit(heading, name, unit):
    found = quantity_of(heading, "y")
    assert (found.name[:12], found.unit) == (name[:12], unit)
    assert columns(found.name) <= LONGEST


def test_row_of_units_below_headings_counts():
    assert quantity_of("height", "y", "cm") == Quantity("height", "cm")
    assert quantity_of("height", "y", "[cm]") == Quantity("height", "cm")
    assert quantity_of("height", "y", "1.5") == Quantity("height")


@pytest.mark.parametrize(
    ("x", "y", "unit"),
    [
        ("s", "cm", "cm/s²"), ("ms", "m", "m/ms²"), ("s", "V", ""), ("m", "s", ""), ("", "cm", ""),
        ("秒", "米", "米/秒²"),
    ],
)  # fmt: skip
def test_acceleration_only_of_length_over_time(x, y, unit):
    assert Quantities(Quantity("t", x), Quantity("h", y)).acceleration == unit


def test_formula_has_names_that_can_stand_in_it():
    assert Quantities(Quantity("t", "s"), Quantity("height", "cm")).symbols == ("t", "height")
    assert Quantities(Quantity("elapsed time", "s"), Quantity("h")).symbols == ("x", "h")
    assert Quantities(Quantity("v"), Quantity("v")).symbols == ("x", "y")
    assert UNNAMED.symbols == ("x", "y")
    assert polynomial((-494.0, 479.52, 120.9), 4, x="t") == "-494.0·t² + 479.5·t + 120.9"
    assert polynomial((1, 0, -2), 4, x="t", plain=True) == "1.000*t^2 - 2.000"
    assert polynomial((1, 0, -2), 4) == "x² - 2"


def test_file_gives_its_quantities(tmp_path):
    (tmp_path / "ball.csv").write_text("t (s),height (cm)\n0,1\n1,2\n2,1\n")
    (tmp_path / "plain.csv").write_text("0,1\n1,2\n2,1\n")
    of = [make_problem(RunConfig(data=str(tmp_path / name))).quantities for name in ("ball.csv", "plain.csv")]
    assert of == [Quantities(Quantity("t", "s"), Quantity("height", "cm")), UNNAMED]
    assert make_problem(RunConfig()).quantities == UNNAMED
