"""Samples in memory: as the file that `to_csv` writes, to the last bit; what is refused."""

import csv
import hashlib
import shlex
from array import array
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas
import pytest

from quadfit_tui import PRESETS, ConfigError, RunConfig, Session, diagnose, rate_map, train
from quadfit_tui.main import main
from quadfit_tui.testing import app_at

OWN = PRESETS["own-data"]
DROPS = r"\(missing='drop' leaves such samples out\)"
X = np.array([-0.0, 1 / 3, 2.5, 1e-300, 7, 123456.789])
Y = X**2 - 3 * X + np.array([1, -1, 0.5, 0.1, 0, 2])


@pytest.mark.parametrize("config", [OWN, RunConfig(lr=1e-22, shuffle=True, batch=2, epochs=3)], ids=["own", "shuffled"])
def test_in_memory_samples_equal_csv_file(capsys, tmp_path, config):
    run = train(config, x=X, y=Y)
    file = tmp_path / "own.csv"
    assert run.samples.to_csv(file) is None
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (run.samples.sha256, run.config) == (digest, config.replace(data=f"sha256:{digest}"))
    assert run.samples.to_csv() == file.read_text()
    given = [] if config is OWN else shlex.split("--preset article --lr 1e-22 --shuffle --batch 2 --epochs 3")
    with pytest.raises(SystemExit) as ended:
        main(["run", "--data", str(file), "--data-sha256", digest, *given, "--format", "csv"])
    assert not ended.value.code
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert run.w.tolist() == [[float(row[name]) for name in "abc"] for row in rows]
    read = train(config.replace(data=str(file))).samples
    assert (read.x.tobytes(), read.y.tobytes()) == (run.samples.x.tobytes(), run.samples.y.tobytes())


def test_samples_are_copied_from_any_numbers():
    x, y = [1, 2, 3, 4], [1.0, 4.5, 9.0, 16.0]
    expected = train(OWN, x=x, y=y)
    for same in (np.array(x), np.array(x, dtype=np.int8), array("d", x), range(1, 5), tuple(x)):
        run = train(OWN, x=same, y=y)
        assert (run.config, run.w.tobytes()) == (expected.config, expected.w.tobytes())
    given = np.array(x, dtype=float)
    session = Session(OWN, x=given, y=y, speed=None)
    given[0] = 99
    assert session.samples.x.tolist() == x
    for samples in (session.samples, train(RunConfig()).samples):
        with pytest.raises(ValueError, match="read-only"):
            samples.x[0] = 99


def test_every_function_takes_them():
    expected = tuple(np.polyfit(X[:5], Y[:5], 2))
    assert diagnose(OWN, x=X[:5], y=Y[:5]).optimum == pytest.approx(expected)
    found = rate_map(OWN, size=(3, 3), x=X[:5], y=Y[:5])
    config = found.config(0, 0)
    assert train(config, x=X[:5], y=Y[:5]).config == config
    session = app_at(OWN, 2, x=X[:5], y=Y[:5]).session
    assert session.config.data == config.data
    session.restart(config.replace(lr=0.01))  # which has them already
    assert session.snapshot().problem.y.tolist() == Y[:5].tolist()


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ([1], [1, 2], r"y: 'shape \(2,\)' cannot be used; allowed: shape \(1,\), as of x"),
        ([], [], r"x: 'shape \(0,\)' cannot be used; allowed: 1 to 1000000 numbers"),
        (np.zeros(1_000_001), [1], r"x: 'shape \(1000001,\)' cannot be used; .*"),
        ([1, float("nan")], [1, 2], f"x: 'nan at index 1' cannot be used; allowed: numbers from -1e12 to 1e12 {DROPS}"),
        ([1, None], [1, 2], f"x: 'nan at index 1' cannot be used; .* {DROPS}"),
        (np.array(["2024-01-01", "NaT"], "M8[D]"), [1, 2], f"x: 'a missing date at index 1' .*: dates {DROPS}"),
        ([date(2024, 1, 1), 5], [1, 2], "x: '5 at index 1' cannot be used; allowed: numbers, or dates alone"),
        ([1], [datetime(2024, 1, 1)], r"y: '\[datetime.*' cannot be used; allowed: numbers in one dimension"),
        ([1], np.array(["2024-01-01"], "M8[D]"), r"y: 'values of datetime64\[D\]' cannot be used; allowed: numbers"),
        (
            [datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)],
            [1, 2],
            ".* at index 1, which has a time zone, and .*; allowed: dates that all have a time zone, or none",
        ),
        ([1, 2], [np.inf, 2], "y: 'inf at index 0' cannot be used; allowed: numbers from -1e12 to 1e12"),
        ([1, 1e13], [1, 2], "x: '10000000000000.0 at index 1' .*"),
        ([1, 10**400], [1, 2], r"x: '\[1, 10+\.\.\.' cannot be used; .*"),
        ([[1], [2]], [1, 2], r"x: 'shape \(2, 1\)' cannot be used; allowed: shape \(n,\)"),
        (3, 4, r"x: 'shape \(\)' cannot be used; .*"),
        ([1, [2]], [1, 2], r"x: '\[1, \[2\]\]' cannot be used; .* one dimension"),
        (["a"], [1], "x: 'values of <U1' .*"),
        ([True], [1], "x: 'values of bool' .*"),
        ([2j], [1], "x: 'values of complex128' .*"),
        (np.ma.array([1, 2], mask=[False, True]), [1, 2], f"x: 'nan at index 1' .* {DROPS}"),
        ([1], None, "y: 'None' cannot be used; allowed: samples, as x has"),
        (None, [1], "x: 'None' cannot be used; allowed: samples, as y has"),
    ],
)
def test_bad_samples_are_refused(x, y, why):
    for refuse in (train, diagnose, Session, rate_map, app_at):
        with pytest.raises(ConfigError, match=f"^{why}$"):
            refuse(OWN, x=x, y=y)


DAYS = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 2)]
MOMENTS = [datetime(2024, 2, 28, 1, 2, 3, 4), datetime(2024, 2, 28, 1, 2, 3, 5), datetime(2024, 3, 1)]
IN_ZONES = [datetime(2024, 2, 28, hour, tzinfo=timezone(timedelta(hours=hour - 3))) for hour in (1, 3)]
DATES = {
    "days": (DAYS, [day.isoformat() for day in DAYS]),
    "days of NumPy": (np.array(DAYS, "M8[D]"), [day.isoformat() for day in DAYS]),
    "weeks of NumPy": (np.array(["2024-02-29", "2024-03-07"], "M8[W]"), ["2024-02-29", "2024-03-07"]),
    "months of NumPy": (np.array(["2024-02", "2024-03"], "M8[M]"), ["2024-02-01", "2024-03-01"]),
    "moments": (MOMENTS, [moment.isoformat() for moment in MOMENTS]),
    "moments of NumPy": (np.array(MOMENTS, "M8[us]"), [moment.isoformat() for moment in MOMENTS]),
    "nanoseconds": (
        np.array(["2023-01-01T00:00:00.000000001", "2024-01-01T00:00:00.000000004"], "M8[ns]"),
        ["2023-01-01T00:00:00.000000001", "2024-01-01T00:00:00.000000004"],
    ),
    "frame": (pandas.Series(pandas.to_datetime(MOMENTS)), [moment.isoformat() for moment in MOMENTS]),
    "frame, in a zone": (pandas.Series(pandas.to_datetime(IN_ZONES, utc=True)), [str(each) for each in IN_ZONES]),
    "in zones": (IN_ZONES, [str(moment) for moment in IN_ZONES]),
}


@pytest.mark.parametrize(("x", "texts"), DATES.values(), ids=DATES)
def test_dates_become_seconds_since_first(tmp_path, x, texts):
    y = [*range(len(texts))]
    file = tmp_path / "dates.csv"
    file.write_text("".join(f"{text},{value}\n" for text, value in zip(texts, y, strict=True)))
    expected = train(OWN.replace(data=file, epochs=1)).samples
    assert expected.x[1] > 0 or texts[0][-6:] != texts[1][-6:]
    assert train(OWN.replace(epochs=1), x=x, y=y).samples.x.tolist() == expected.x.tolist()


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ([1, np.nan, 3, 4], [1, 2, np.nan, 4], [(1, 1), (4, 4)]),
        ([1, None, 3, 4], [1, 2, None, 4], [(1, 1), (4, 4)]),
        (np.ma.array([1, 2, 3, 4], mask=[0, 1, 0, 0]), [1, 2, np.nan, 4], [(1, 1), (4, 4)]),
        (pandas.array([1, None, 3, 4], dtype="Int64"), [1, 2, np.nan, 4], [(1, 1), (4, 4)]),
        (np.array(["NaT", "2024-01-01", "2024-01-02"], "M8[D]"), [1, 2, 3], [(0, 2), (86_400, 3)]),
        ([*DAYS[:2], pandas.NaT, DAYS[2]], [np.nan, 1, 2, 3], [(0, 1), (172_800, 3)]),
    ],
)
def test_missing_drop_omits_incomplete_samples(x, y, expected):
    for session in (Session(OWN, x=x, y=y, missing="drop"), app_at(OWN, x=x, y=y, missing="drop").session):
        problem = session.snapshot().problem
        assert list(zip(problem.x.tolist(), problem.y.tolist(), strict=True)) == expected
        assert f"{len(y) - len(expected)} row" in problem.notices[-1]
    assert train(OWN.replace(epochs=1), x=x, y=y, missing="drop").samples.y.tolist() == [y for _, y in expected]
    assert diagnose(OWN, x=x, y=y, missing="drop").limit.rate


def test_what_missing_may_be():
    with pytest.raises(ConfigError, match=r"^missing: 'fill' cannot be used; allowed: None or 'drop'$"):
        train(OWN, x=X, y=Y, missing="fill")
    with pytest.raises(ConfigError, match=r"^missing: 'drop' .*: None where x and y are not given$"):
        train(OWN, missing="drop")
    with pytest.raises(ConfigError, match=r"^x: '0 numbers with a y' .*: 1 to 1000000 numbers$"):
        train(OWN, x=[1, np.nan], y=[np.nan, 1], missing="drop")
    with pytest.raises(ConfigError, match=r"^x: 'inf at index 0' .* 1e12$"):
        train(OWN, x=[np.inf, 1], y=[1, 1], missing="drop")


@pytest.mark.parametrize("samples", [pandas.DataFrame({"x": X, "y": Y}), X, [1, 2], (X, Y), {"x": X}])
def test_samples_in_data_are_refused_with_hint(samples):
    for refuse in (OWN.replace, RunConfig):
        with pytest.raises(ConfigError) as refused:
            refuse(data=samples)
        said = str(refused.value)
        assert said == (
            f"data: '<{type(samples).__name__}>' is not the name of a file; "
            "allowed: the name of a file (samples in memory: train(config, x=…, y=…))"
        )


def test_conflicting_samples_are_refused():
    config = train(OWN, x=X, y=Y).config
    assert train(config, x=X, y=Y).config == config
    of_a_file = OWN.replace(columns=("3", "4"), encoding="latin-1", skip=2)
    assert train(of_a_file, x=X, y=Y).config == config
    with pytest.raises(ConfigError, match=r"^data: 'sha256:.*' cannot be used; allowed: None .*, or the name of .*$"):
        train(config, x=X, y=Y + 1)
    with pytest.raises(ConfigError, match=r"^data: 'own.csv' cannot be used; allowed: None "):
        train(OWN.replace(data="own.csv"), x=X, y=Y)
    with pytest.raises(ConfigError, match=r"data: 'sha256:.*' names samples in the memory .*; allowed: x and y"):
        train(config)
    with pytest.raises(ConfigError, match=r"^batch: '7' exceeds the number of samples; allowed: 1 to 6, or full$"):
        train(RunConfig(batch=7), x=X, y=Y)


def test_unwritable_csv_raises_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        train(OWN, x=X, y=Y).samples.to_csv(tmp_path / "no-such-folder" / "own.csv")
