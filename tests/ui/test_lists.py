"""The lists of presets and of data files: what they show, what is found in them, and what becomes of that."""

import itertools
import os

import pytest
from app_helpers import burst, field, go, until
from textual.widgets import OptionList

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES
from quadfit_tui.core.files import access
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.commands.command_list import data_rows, preset_rows
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.list_screen import ListScreen

SMALL = RunConfig(samples=5, epochs=3, init=(1, 1, 1), batch="full")
FILES = {
    "fall.csv": "time,height\n1,2\n2,4\n3,9\n",
    "three.TSV": "a\tb\tc\n1\t2\t3\n2\t3\t5\n",
    "one.csv": "x\n1\n2\n",
    "notes.txt": "hello my friend\n",
    ".hidden.csv": "1,2\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    for name, text in FILES.items():
        (tmp_path / "data" / name).write_text(text)
    (tmp_path / "data" / "more.csv").mkdir()
    return tmp_path / "data"


def marked(app):
    """The name that the marked row begins with."""
    return str(app.screen.query_one(OptionList).highlighted_option.prompt).split("  ")[0]


# Presets


async def test_preset_list_order_errors_and_start(make_app, tmp_path):
    (tmp_path / "mine.toml").write_text("# Slow and steady\nlr = 0.1\n")
    (tmp_path / "low.toml").write_text("\nlr = -1\n")
    app = make_app("noisy", presets=PresetCatalog(lambda: str(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("p")
        rows = preset_rows(app, app.presets)
        assert [(row.result, row.words) for row in rows[: len(PRESETS)]] == [*SUMMARIES.items()]
        assert [(row.lead, row.words) for row in rows[len(PRESETS) :]] == [
            ("mine", "Slow and steady"),
            ("", "presets/low.toml:2: lr = '-1' is too small; allowed: above 0, up to 1e6"),
        ]
        assert marked(app) == "article"
        await pilot.press("down", "escape")
        assert app.session.config == PRESETS["noisy"]
        burst(app, ["p", *"steady", "enter", "n"])  # as typed ahead
        await until(pilot, lambda: app.session.config == RunConfig(lr=0.1) and app.session.snapshot().update == 1)
        burst(app, ["p", "enter"])
        await until(pilot, lambda: app.session.config == PRESETS["article"])
        await pilot.press("p", *"mend the file low", "enter")  # which can only be read
        assert isinstance(app.screen, ListScreen)


async def test_preset_rows_readable_at_any_size(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((140, 45), (60, 20), (40, 12)):
            await pilot.resize_terminal(*size)
            await pilot.press("p", "home")
            seen = screen_text(app)
            for _ in PRESETS if size == (40, 12) else range(len(PRESETS) // 4):
                await pilot.press(*["down"] * (1 if size == (40, 12) else 4))  # as many as are in sight
                seen += screen_text(app)
            for name, summary in SUMMARIES.items():
                assert {name, *summary.split()} <= {*seen.split()}, (size, name)
            await pilot.press("escape")


# Files of samples


async def test_examples_precede_own_data_files(make_app, folder):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
        assert [(row.lead, row.words) for row in data_rows(app)] == [
            ("example:galileo", "columns time and distance"),
            ("example:outlier", "columns x and y"),
            ("example:pontius", "columns load and deflection"),
            ("fall.csv", "columns time and height"),
            ("three.TSV", "columns a, b and c"),
            ("one.csv", "line 1 has one column; allowed: two, x and y"),
        ]
        assert marked(app) == "fall.csv"
        await pilot.press("enter")
        await until(pilot, lambda: app.session.config == PRESETS["own-data"].replace(data="fall.csv"))
        assert app.snapshot.problem.y.tolist() == [2, 4, 9]
        await pilot.press("d", *"galil", "enter")
        await until(pilot, lambda: app.session.config == PRESETS["own-data"].replace(data="example:galileo"))
    assert {*os.listdir(folder)} == {*FILES, "more.csv"}


@pytest.mark.usefixtures("folder")
async def test_columns_of_another_file_do_not_count(make_app):
    app = make_app(PRESETS["own-data"].replace(data="fall.csv", columns=("height", "time")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", *"three", "enter")
        assert isinstance(app.screen, ListScreen)  # which of its own are x and y
        await pilot.press("down", "down", "enter")
        await pilot.press("enter")
        await until(pilot, lambda: app.session.config.columns == ("c", "a"))
        assert (field(app, "data").value, field(app, "columns").value) == ("three.TSV", "c, a")
        assert app.snapshot.problem.x.tolist() == [3, 5]
        await pilot.press("d", *"fall", "escape")
        assert app.session.config.data == "three.TSV"


async def test_empty_and_overfull_data_folders(make_app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
        assert marked(app) == "example:galileo"
        assert "This folder has no data file. Allowed: CSV files." in screen_text(app)
        for number in range(104):
            (tmp_path / f"{number:03}.csv").write_text("1,2\n2,3\n")
        *_, last, more = data_rows(app)
        assert (last.lead, more.words) == ("099.csv", "There are more files: type a name into the field file.")


async def test_data_list_skips_pipes_and_outside_links(make_app, folder):
    os.mkfifo(folder / "pipe.csv")
    outside = folder.parent / "out.csv"
    outside.write_text("secret,it is\n1,2\n")
    (folder / "link.csv").symlink_to(outside)
    app = make_app()
    async with app.run_test():
        listed = [row.lead for row in data_rows(app)]
        assert "link.csv" in listed
        assert "pipe.csv" not in listed
        access._rules = access._rules._replace(home=str(folder))
        try:
            assert {row.lead for row in data_rows(app)} == {*listed} - {"link.csv"}
            os.chdir(folder.parent)
            assert not [row for row in data_rows(app) if row.result and not row.result.startswith("example:")]
        finally:
            access.configure()


# What becomes of the run


CHOICES = [
    (["l", "ctrl+u", *"0.1", "enter"], Status.READY),
    (["p", *"minibatch", "enter"], Status.RUNNING),
    (["d", *"galileo", "enter"], Status.RUNNING),
]


async def test_chosen_run_plays(make_app):
    """A preset or a file plays at once, a rate that was typed if the last run did or had ended."""
    app = make_app(SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        for (keys, at_first), before in itertools.product(CHOICES, ("", "space", "end")):
            status = Status.RUNNING if before else at_first
            app.session.pause()
            app.runs.restart(SMALL)
            if before == "end":
                go(app.session, (3,), (1,))  # it had ended, though its past is visited
                assert app.session.status is Status.PAUSED
            elif before:
                await pilot.press(before)
            await pilot.press(*keys)
            await until(pilot, lambda: app.session.config != SMALL)
            assert app.session.status is status, (keys, before)


async def test_untrained_run_is_replaced_restart_waits(make_app):
    """A run that was not played leaves its number and its log to the next one."""
    app = make_app(SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        rates = ["0.1", "0.2", "0.3"]
        for rate in rates:
            await pilot.press("l", "ctrl+u", *rate, "enter")
            assert (app.snapshot.number, app.snapshot.config.lr) == (1, float(rate))
        await pilot.press("n", "l", "ctrl+u", *"0.4", "enter", "n")
        assert [(run.number, run.config.lr) for run in app.session.runs] == [(1, 0.3), (2, 0.4)]
        for scaled in ("yes", "no"):  # the log of the same number has the heading of the new run
            app.session.pause()
            app.runs.restart(SMALL.replace(scale_features=scaled == "yes"))
            await pilot.pause()
            assert ("grad a_z" in screen_text(app)) == (scaled == "yes")
        go(app.session, (3,))
        await pilot.press("r")
        assert app.session.status is Status.READY
