"""Quantities: names and units by the headings of a file, and only those that a heading says without doubt."""

import pytest
from tables import table

from quadfit_tui import RunConfig
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.quantity import LONGEST, UNNAMED, Quantities, Quantity, parse_heading
from quadfit_tui.core.text.width import cell_width


@table(
    ("heading", "name", "unit"),
    [
        ("height (cm)", "height", "cm"), ("t [s]", "t", "s"), ("t[s]", "t", "s"), ("高度（厘米）", "高度", "厘米"),
        ("高度【厘米】", "高度", "厘米"), ("U ( mV )", "U", "mV"), ("v (m/s)", "v", "m/s"),
        ("g (m s^-2)", "g", "m s^-2"),
        ("height", "height", ""), ("f(x)", "f(x)", ""), ("pos[0]", "pos[0]", ""), ("h (raw)", "h (raw)", ""),
        ("t_s", "t_s", ""), ("h / cm", "h / cm", ""), ("h in cm", "h in cm", ""), ("h (cm) up", "h (cm) up", ""),
        ("h (cm]", "h (cm]", ""), ("h (left) (cm)", "h (left)", "cm"), ("% t (s)", "t", "s"), ("", "y", ""),
        ("(s)", "y", "s"), ("a\tb\x07c\x1b[31m", "a bc[31m", ""), ("\u202eh\u200b (c\u200bm)", "h", "cm"),
        ("height of the ball (cm)", "height of the b…", "cm"),
        ("小球离地面的高度值（厘米）", "小球离地面的高…", "厘米"),
        ("h" * 2000 + " (cm)", "h" * 15 + "…", "cm"), ("e" + "\u0301" * 1000, "e" + "\u0301" * 47, ""),
    ],
)  # fmt: skip
def test_heading_gives_name_and_known_unit(heading, name, unit):
    found = parse_heading(heading, "y")
    assert found == Quantity(name, unit)
    assert cell_width(found.name) <= LONGEST
    assert found.label.isprintable()


def test_row_of_units_below_headings_counts():
    assert parse_heading("height", "y", "cm") == Quantity("height", "cm")
    assert parse_heading("height", "y", "[cm]") == Quantity("height", "cm")
    assert parse_heading("height", "y", "1.5") == parse_heading("height", "y", "-") == Quantity("height")
    assert parse_heading("height (mm)", "y", "cm") == Quantity("height", "mm")  # its own comes first
    assert parse_heading("height", "y", "m\x1fs") == Quantity("height", "m s")


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
    for name in ("speed-up", "2nd", "a+b", "elapsed time", "a_very_long_name", "时间一二三四五"):
        assert Quantities(Quantity(name), Quantity("h")).symbols == ("x", "h")
    assert Quantities(Quantity("y"), Quantity("?")).symbols == ("x", "y")  # and not y of y
    assert Quantities(Quantity("y"), Quantity("x")).symbols == ("y", "x")
    assert Quantities(Quantity("时间"), Quantity("高度")).symbols == ("时间", "高度")


def test_file_gives_its_quantities(tmp_path):
    (tmp_path / "ball.csv").write_text("t (s),height (cm)\n0,1\n1,2\n2,1\n")
    (tmp_path / "plain.csv").write_text("0,1\n1,2\n2,1\n")
    of = [make_dataset(RunConfig(data=str(tmp_path / name))).quantities for name in ("ball.csv", "plain.csv")]
    assert of == [Quantities(Quantity("t", "s"), Quantity("height", "cm")), UNNAMED]
    assert make_dataset(RunConfig()).quantities == UNNAMED


FILES = {
    "row of units": ("t;h\ns;cm\n0;1\n1;2\n", None, ("t", "s"), ("h", "cm")),
    "columns the other way round": ("t (s),h (cm)\n0,1\n1,2\n", "2,1", ("h", "cm"), ("t", "s")),
    "names of rows": ('"h (cm)" "w (kg)"\n"a" 1 2\n"b" 2 3\n', None, ("h", "cm"), ("w", "kg")),
    "one without a heading": ("t (s),\n0,1\n1,2\n", None, ("t", "s"), ("y", "")),
    "dates": ("day (h),v [V]\n2024-02-01,1\n2024-02-02,2\n", None, ("day", "s"), ("v", "V")),
    "dates without headings": ("2024-02-01,1\n2024-02-02,2\n", None, ("x", ""), ("y", "")),
    "a preamble": ("Lab 3\n\nt (s),h (cm)\n0,1\n1,2\n", None, ("t", "s"), ("h", "cm")),
}


@table(("content", "columns", "x", "y"), FILES.values(), ids=[*FILES])
def test_quantities_of_the_columns_that_are_read(tmp_path, content, columns, x, y):
    (tmp_path / "it.csv").write_text(content)
    problem = make_dataset(RunConfig(data=str(tmp_path / "it.csv"), columns=columns))
    assert problem.quantities == Quantities(Quantity(*x), Quantity(*y))
    assert problem.standardized.quantities == UNNAMED  # z is no x
