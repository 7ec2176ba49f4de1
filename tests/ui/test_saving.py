"""`w` saves what is chosen, or what the name of the file says: each row of SUBJECTS, never over a file unasked."""

import errno
import json
import os
import re
from xml.etree import ElementTree

import pytest
from app_helpers import burst, go, told, until

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.toml.toml_file import read_values
from quadfit_tui.core.explain.markdown_update import markdown_update
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.export import animation_file, log_file
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.files import line_file
from quadfit_tui.core.text.language import join_or
from quadfit_tui.main import main
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.commands import saving_commands
from quadfit_tui.ui.commands.command_list import commands
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.fields.file_prompt import FilePrompt
from quadfit_tui.ui.keymap import KEYS
from quadfit_tui.ui.toolkit.message_queue import Notice
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.key_bar import KeyBar

STOPPED = r"'{}' was not saved, since it was stopped after [\d,]+ of 10,000 epochs\."
LONG = RunConfig(samples=2, epochs=10_000, lr=0.01, stop_on="never", schedule="constant")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def slow(monkeypatch):
    """Long logs are written epoch by epoch."""
    for name in ("SLICE", "_AT_ONCE"):
        monkeypatch.setattr(saving_commands, name, 0)
    monkeypatch.setattr(log_file, "PIECE", 0)


def typed(text):
    return [{".": "full_stop", "/": "slash"}.get(char, char) for char in text]


def note(app):
    """What stands below the prompt."""
    return str(app.query_one("FilePrompt .problem").render())


def footer(app):
    return [f"{key.sign} {key.label}" for key in app.query_one(KeyBar).keys]


def question(app):
    return str(app.query_one("FilePrompt Label").render())


async def save(pilot, name, subject="view"):
    """Names a file for a subject."""
    await pilot.app.run_action(f"save('{subject}')")
    pilot.app.focused.value = name
    await pilot.press("enter")
    await pilot.pause()


def same_by_run(*args):
    """What `run` writes into a file of its own."""
    with pytest.raises(SystemExit) as end:
        main(["run", *args, "--output", "by-run", "--force"])
    assert end.value.code == 0
    with open("by-run", encoding="utf-8") as file:
        return file.read()


async def test_suffix_selects_view_or_update(make_app, folder):
    app = make_app(RunConfig(epochs=5))
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("none.md", "none.csv"):
            await pilot.press("w", *typed(name), "enter")
            await pilot.pause()
            assert app.focused is None
            assert told(app) == ["No update has been made yet. Press n to make one and see its arithmetic."]
        await pilot.press("n", "2")
        names = ("loss.svg", "loss.ansi", "loss.TXT", "update.md")
        for name in names:
            await pilot.press("w", *typed(name), "enter")
            await until(pilot, (folder / name).exists)
        svg, ansi, text, update = ((folder / name).read_text(encoding="utf-8") for name in names)
        assert "⠤⠤⠤ mean loss" in re.sub(r"\x1b\[[\d;]*m", "", ansi)
        assert "*o* mean loss" in text  # without colors it is told apart by its signs
        assert len(text.splitlines()) == 24
        root = ElementTree.fromstring(svg)
        assert root[1].attrib["fill"] == app.theme_variables["background"].lower()
        assert "mean loss" in [element.text for element in root.iter() if element.text]
        assert update.splitlines() == markdown_update(app.session.snapshot().record)
    assert sorted(file.name for file in folder.iterdir()) == sorted(names)


async def test_overwrite_needs_confirmation(make_app, folder):
    app = make_app(RunConfig(epochs=5))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "e")
        before = screen_text(app)
        for subject in SUBJECTS.values():
            name = f"{subject.name}{'.txt' if '.txt' in subject.suffixes else subject.suffixes[0]}"
            (folder / name).write_text("precious")
            await save(pilot, name, subject.name)
            await until(pilot, lambda: question(app) == "Overwrite? y or n")
            assert note(app) == f"{name!r} already has content."
            await pilot.press("x", "enter")  # which mean nothing here
            await until(pilot, lambda: footer(app) == ["y Overwrite", "n Rename", "esc Cancel"])
            assert (question(app), app.focused.value) == ("Overwrite? y or n", "")
            await pilot.press("n")
            assert (app.focused.value, question(app)) == (name, f"Save the {subject.name} to")
            assert (folder / name).read_text() == "precious"
            await pilot.press("enter")
            await pilot.press("y")
            await until(pilot, lambda subject=subject: f"Saved the {subject.name}" in screen_text(app))
            assert app.focused is None
            assert told(app)[-1].startswith(f"Saved the {subject.name} to {name}")
            assert "precious" not in (folder / name).read_text()
        screen = (folder / "screen.txt").read_text(encoding="utf-8")
        assert screen.splitlines() == [line.rstrip() for line in before.splitlines()]  # without the note of the view
        record = app.session.snapshot().record
        assert (folder / "update.txt").read_text(encoding="utf-8").splitlines() == worked_update(record)
        assert RunConfig(**read_values("settings.toml")) == app.session.config
        await pilot.press("escape")
        await pilot.pause()
        assert screen_text(app) == before


async def test_arrows_and_suffix_choose_subject(make_app, folder):
    app = make_app("noisy", views={"surface": {}})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "w")
        proposals = ["surface.svg", "screen.svg", "animation.svg", "log.csv", "update.md", "run.toml"]
        for subject, name in zip(SUBJECTS.values(), proposals, strict=True):
            assert (question(app), app.focused.value) == (f"Save the {subject.name} to", name)
            for word in (*(set(SUBJECTS) - {subject.name}), *subject.suffixes, subject.about):
                assert word in note(app)
            await pilot.press("down")
        assert app.focused.value == proposals[0]
        await pilot.press("up", "up", "up", *typed("a.b"))  # in the place of what is proposed
        assert (question(app), app.focused.value) == ("Save the log to", "a.b")
        await pilot.press("enter")
        await pilot.pause()
        assert note(app) == "'a.b' cannot be written: a file of the log ends in .csv or .jsonl"
        await pilot.press("backspace", "backspace", "down", "down")
        assert (question(app), app.focused.value) == ("Save the settings to", "a.toml")
        await pilot.press(*["backspace"] * 4, *typed("svg"))
        await pilot.pause()
        assert question(app) == "Save the view to"
        await pilot.press("down")
        assert (question(app), app.focused.value) == ("Save the screen to", "a.svg")  # which it may be of, too
        await pilot.press("down", "up")
        assert (question(app), app.focused.value) == ("Save the screen to", "a.svg")
        await pilot.press("escape")
        assert list(folder.iterdir()) == []
        burst(app, ["w", *["down"] * 4, *typed("mine"), "enter", "n"])  # typed ahead
        await until(pilot, lambda: app.session.snapshot().update == 2)
        assert [file.name for file in folder.iterdir()] == ["mine.md"]
        burst(app, ["w", "up", "enter", "n"])
        await until(pilot, lambda: app.session.snapshot().update == 3)
        assert (folder / "run.toml").exists()


async def test_palette_lists_every_subject(make_app):
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(40, 12)) as pilot:
        listed = {command.result: command.words for command in commands(app)}
        for name, subject in SUBJECTS.items():
            assert listed[f"save('{name}')"] == f"save the {name}: {subject.about}"
            await app.run_action(f"save('{name}')")
            await pilot.pause()
            assert question(app) == f"Save the {name} to"
            assert "Up Down: " in note(app)
            assert note(app).isascii()
            await pilot.press("escape")


async def test_log_ends_at_newest_moment(make_app, folder):
    app = make_app("noisy")
    async with app.run_test(size=(80, 24)) as pilot:
        go(app.session, (15, 0), (3, 2))
        app.training.echo()
        await save(pilot, "settings.toml")
        burst(app, ["w", *typed("log.csv"), "enter", "n"])  # a log of most runs keeps no key waiting
        await until(pilot, lambda: app.session.snapshot().update == 3)
        await save(pilot, "log.jsonl")
        epochs = app.session.timeline.newest.epoch
        assert epochs == 15
        assert told(app) == ["Saved the log to log.jsonl."]
    csv, rows = ((folder / name).read_text().splitlines() for name in ("log.csv", "log.jsonl"))
    whole = same_by_run("--config", "settings.toml", "--format", "csv").splitlines()
    assert csv == whole[: 1 + epochs]
    whole = same_by_run("--config", "settings.toml", "--format", "jsonl").splitlines()
    assert rows[:epochs] == whole[:epochs]
    assert len(rows) == epochs + 1


@pytest.mark.usefixtures("slow")
async def test_long_log_shows_progress_and_stops(make_app, folder):
    app = make_app(LONG)
    async with app.run_test(size=(80, 24)) as pilot:
        go(app.session, (LONG.epochs, 0))
        app.training.echo()
        await pilot.press("w", *typed("log.jsonl"), "enter")
        assert question(app) == "Saving to"
        assert re.fullmatch(r"\d+ % of 10,000 epochs written; Esc: stop", note(app))
        await until(pilot, lambda: not note(app).startswith("0 %"))
        await pilot.press("down", "x", "enter")  # which have no effect now
        assert question(app) == "Saving to"
        await pilot.click(ChartView)
        await pilot.press("B")
        await until(pilot, lambda: app.session.snapshot().epoch == LONG.epochs - 1)
        assert "Saving to" not in screen_text(app)
        await pilot.press("w")
        assert "Saving to" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: told(app) != [])
        assert app.focused is None
        assert re.fullmatch(STOPPED.format("log.jsonl"), told(app)[0])
        assert list(folder.iterdir()) == []
        await save(pilot, "again.csv")
        await pilot.press("ctrl+q")
    assert re.fullmatch(STOPPED.format("again.csv"), app.saving.unfinished)
    assert list(folder.iterdir()) == []


async def test_animation_epoch_range_and_reported_size(make_app, folder):
    app = make_app(RunConfig(epochs=9))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("n")
        await save(pilot, "0.svg 0-3")
        assert note(app).endswith("of the epochs trained so far; allowed: none before the first epoch is done")
        await pilot.press("escape")
        go(app.session, (7, 0), (3, 0))
        app.training.echo()
        for name, subject in (("whole", "animation"), ("part 2 - 5", "animation"), ("again.svg Start-5", "view")):
            await save(pilot, name, subject)
            await until(pilot, lambda: app.focused is None and told(app) != [])
            (found,) = told(app)
            file, count, size = re.fullmatch(r"Saved the animation to (\S+): (\d) frames, (\d+) KB\.", found).groups()
            assert (name, file, count) in {
                ("whole", "whole.svg", "8"),
                ("part 2 - 5", "part.svg", "4"),
                ("again.svg Start-5", "again.svg", "7"),
            }
            assert round((folder / file).stat().st_size / 1000) == int(size)
            app.message_queue.pass_state()
            app.message_queue.pass_key(is_seen=True)
        for asked in ("part.svg 2-7", "part.svg 5-5"):
            await save(pilot, asked)
            assert app.focused.value == asked
            allowed = "is no range of the epochs trained so far; allowed: epochs such as start-6"
            assert note(app) == f"{asked.split()[1]!r} {allowed}"
            await pilot.press("escape")
        await save(pilot, "log.csv 2-5")
        assert note(app) == "'log.csv 2-5' cannot be written: a file of the view ends in .svg, .ansi or .txt"
        await pilot.press("escape")
        assert app.session.snapshot().epoch == 3
    whole = ElementTree.fromstring((folder / "whole.svg").read_text(encoding="utf-8"))
    assert whole[1].attrib["fill"] == app.theme_variables["background"].lower()
    assert whole[0].text == "quadfit-tui: fit"


async def test_page_animation_is_ascii_where_required(make_app, folder):
    app = make_app("noisy", capabilities=Capabilities(ascii=True), views={"update": {}})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "e")
        await save(pilot, "run.cast", "view")
        assert note(app).endswith("'run.cast' cannot be written: a file of the animation ends in .svg")
        await pilot.press("escape")
        await save(pilot, "run.svg", "animation")
        await until(pilot, lambda: (folder / "run.svg").exists())
    texts = "".join(ElementTree.parse(folder / "run.svg").getroot().itertext()).replace("\u00a0", " ")
    assert "before" in texts
    assert texts.isascii()


@pytest.mark.usefixtures("slow")
async def test_long_animation_shows_progress_and_stops(make_app, folder, monkeypatch):
    monkeypatch.setattr(animation_file, "MOST_FRAMES", 5000)  # which takes a minute
    app = make_app(LONG)
    async with app.run_test(size=(80, 24)) as pilot:
        go(app.session, (LONG.epochs, 0))
        app.training.echo()
        await save(pilot, "run.svg", "animation")
        await until(pilot, lambda: re.fullmatch(r"[1-9]\d? % of 10,000 epochs written; Esc: stop", note(app)))
        await pilot.press("escape")
        await until(pilot, lambda: told(app) != [])
        assert re.fullmatch(STOPPED.format("run.svg"), told(app)[0])
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("slow")
async def test_existing_log_survives_unfinished_save(make_app, folder, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write, older = os.write, folder / "log.csv"
    older.write_text("precious")
    app = make_app(LONG)
    async with app.run_test(size=(80, 24)) as pilot:
        go(app.session, (LONG.epochs, 0))
        app.training.echo()
        for end in ("no room", "escape", "ctrl+q"):
            await pilot.press("w", *typed("log.csv"), "enter", "y")
            await until(pilot, lambda: note(app)[:1] in "123456789" and "written; Esc: stop" in note(app))
            assert older.read_text() == "precious"
            if end == "no room":
                monkeypatch.setattr(line_file.os, "write", full)
                await until(pilot, lambda: "'log.csv' cannot be written: No space left on device" in note(app))
                monkeypatch.setattr(line_file.os, "write", write)
                assert (older.read_text(), os.listdir(folder)) == ("precious", ["log.csv"])
            await pilot.press(end if end != "no room" else "escape")
            await until(pilot, lambda end=end: told(app) != [] or end != "escape")
    assert re.fullmatch(STOPPED.format("log.csv"), app.saving.unfinished)
    assert (older.read_text(), list(folder.iterdir())) == ("precious", [older])


@pytest.mark.usefixtures("slow")
async def test_stopped_log_leaves_lines_in_pipe(make_app, folder):
    os.mkfifo(folder / "pipe.jsonl")
    reader = os.open(folder / "pipe.jsonl", os.O_RDONLY | os.O_NONBLOCK)
    app = make_app(LONG.replace(epochs=200))  # which a pipe has room for
    async with app.run_test(size=(80, 24)) as pilot:
        go(app.session, (200, 0))
        app.training.echo()
        burst(app, ["w", *typed("pipe.jsonl"), "enter", "escape"])
        await until(pilot, lambda: told(app) != [])
    found = re.fullmatch(r"'pipe.jsonl' is not complete: it has ([\d,]+) of 200 epochs\.", told(app)[0])
    lines = os.read(reader, 1 << 20).splitlines()
    os.close(reader)
    assert [json.loads(line)["epoch"] for line in lines] == [*range(int(found[1]))]


async def test_long_log_completes_while_editing_form(make_app, folder, monkeypatch):
    app, said = make_app(LONG), []
    monkeypatch.setattr(app.message_queue, "add", said.append)
    async with app.run_test(size=(80, 24)) as pilot:
        go(app.session, (LONG.epochs, 0))
        app.training.echo()
        await save(pilot, "log.csv")
        assert question(app) == "Saving to"
        await pilot.click(ChartView)
        await pilot.press("l")  # the form has the keys
        await until(pilot, lambda: said != [], 60)
        assert said == [Notice("Saved the log to log.csv.", stays=True, warns=False)]
        assert app.focused.id == "input-lr"
        assert not app.query_one(FilePrompt).display
    assert len((folder / "log.csv").read_text().splitlines()) == LONG.epochs + 1


async def test_run_data_and_locked_file_never_overwritten(make_app, folder):
    (folder / "own.csv").write_text("0,1\n1,2\n2,4\n")
    other = line_file.LineFile("runs.csv")
    other.write(["a line"])
    app = make_app(RunConfig(data="own.csv"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        for name, why in (
            ("own.csv", "it is the data of this run; allowed: a file"),
            ("runs.csv", "another program is already writing to it; allowed: another file"),
        ):
            await save(pilot, name)
            assert note(app) == f"{name!r} cannot be written: {why}"
            await pilot.press("escape")
    other.close()
    assert (folder / "own.csv").read_text() == "0,1\n1,2\n2,4\n"
    assert (folder / "runs.csv").read_text() == "a line\n"


async def test_right_arrow_completes_folder(make_app, folder):
    (folder / "plots").mkdir()
    (folder / "pea.py").touch()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("w", *"ex")
        await pilot.pause()
        assert app.focused._suggestion == ""  # examples are read, not written
        await pilot.press("backspace", "backspace", "p")
        await until(pilot, lambda: app.focused._suggestion != "")
        await pilot.press("right", *typed("a.svg"), "enter")
        await until(pilot, (folder / "plots" / "a.svg").exists)


def test_save_tooltips_list_all_subjects():
    save = next(key for key in KEYS if key.action == "save")
    turn = next(key for key in FilePrompt.BINDINGS if key.action == "turn(1)")
    assert save.tooltip == f"save the {join_or(tuple(SUBJECTS))}"
    assert turn.tooltip == f"save something else: {join_or(tuple(SUBJECTS))}"
