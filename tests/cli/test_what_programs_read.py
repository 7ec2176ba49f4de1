"""What programs read is the same in every language, byte for byte: rows, files of settings, reports, exit codes."""

from pathlib import Path

import pytest
from both_languages import CODES, speaking
from command_line import called
from lessons_taken import OF_SMALL, SMALL, take_step
from tables import table

from quadfit_tui.cli.settings import save_settings
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.log_file import LogFile
from quadfit_tui.core.session.reproduction import write_config
from quadfit_tui.core.session.session import Session
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import csv_lines, json_lines
from quadfit_tui.teaching.classroom.transcript_reader import Answers
from quadfit_tui.teaching.course.course import Course, Phase
from quadfit_tui.teaching.course.transcript import Transcript

DATA = "x,y\n" + "".join(f"{x},{x * x + x % 2}\n" for x in range(9))
SWEEP = "sweep --lr 0.01:3:3 --batch 1 --batch 16 --samples 8 --samples 32 --optimizer sgd --optimizer momentum"
SWEEP += " --momentum 0.5 --momentum 0.9 -n 4"


@pytest.fixture
def in_both(tmp_path, monkeypatch):
    """Does the same in each language, in a folder of its own: the same files are made; gives what came of it."""

    def in_both(do):
        came, files = [], []
        for code in CODES:
            folder = tmp_path / f"{len([*tmp_path.iterdir()])}"
            folder.mkdir()
            (folder / "data.csv").write_text(DATA)
            monkeypatch.chdir(folder)
            with speaking(code):
                came.append(do(code))
            files.append({str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()})
        assert files[0] == files[1]
        return came, files[0]

    return in_both


@pytest.fixture(autouse=True)
def _own_presets(tmp_path, monkeypatch):
    """There is one of the user's own, and one that cannot be read."""
    folder = tmp_path / "config/quadfit-tui/presets"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("# Mine\nlr = 0.25\n")
    (folder / "broken.toml").write_text("lr = 'fast'\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@table(
    ("words", "code"),
    [
        ("run -n 3 --format csv", 0),
        ("run -n 3 --format csv --head", 0),
        ("run -n 3 --format csv --quiet --noise 1 --batch 16", 0),
        ("run -n 3 --format jsonl", 0),
        ("run -n 3 --format jsonl --quiet --shuffle", 0),
        ("run -n 9 --format csv --head --lr 9 --schedule constant", 3),
        ("run -n 9 --format jsonl --lr 9 --schedule constant", 3),
        ("run -n 3 --format csv --head --data data.csv", 0),
        ("run -n 3 --format jsonl --require optimum", 6),
        ("run -n 3 --at 1:2 --format csv", 0),
        ("run -n 3 --at 1:2 --format jsonl", 0),
        ("run --format csv --lr -1", 2),
        ("presets --format json", 0),
    ],
)
def test_standard_output(in_both, words, code):
    (english, chinese), _ = in_both(lambda lang: called(*words.split(), "--lang", lang))
    assert (chinese.returncode, chinese.stdout) == (english.returncode, english.stdout)
    assert english.returncode == code
    assert bool(english.stdout) is (code != 2)


@table(
    ("words", "files"),
    [
        ("run -n 3 --noise 1 --head --with-config -o run.csv", ["run.csv", "run.csv.toml"]),
        ("run -n 3 --data data.csv --with-config -o run.csv", ["run.csv", "run.csv.toml"]),
        ("run -n 3 -o run.jsonl", ["run.jsonl"]),
        (f"{SWEEP} -o sweep.csv", ["sweep.csv", "sweep.csv.toml"]),
    ],
)
def test_files(in_both, words, files):
    (english, chinese), made = in_both(lambda lang: called(*words.split(), "--lang", lang))
    assert english.returncode == chinese.returncode == 0
    assert {*made} == {"data.csv", *files}


def test_what_the_app_saves(in_both):
    def save(_):
        for name, config in (("made", RunConfig(samples=8, epochs=4)), ("read", RunConfig(data="data.csv", epochs=4))):
            session = Session(config, speed=None)
            session.play()
            while session.is_busy:
                session.advance(1)
            write_config(f"{name}.toml", session.timeline.task, session.snapshot().position)
            for style in ("csv", "jsonl"):
                log = LogFile(f"{name}.{style}", style, session)
                while log.is_busy:
                    log.advance(1)

    _, made = in_both(save)
    assert len(made) == 7


def test_settings_that_are_kept(in_both, tmp_path):
    kept = tmp_path / "config/quadfit-tui/settings.toml"

    def save(_):
        save_settings({"speed": "30", "theme": "nord"})
        return kept.read_bytes(), kept.unlink()

    (english, chinese), _ = in_both(save)
    assert english == chinese


def test_reports():
    transcript = Transcript(None)
    course = Course(SMALL, OF_SMALL, transcript)
    course.start()
    while course.phase is not Phase.ENDED:
        take_step(course, knows=course.step.id != "look")
        course.confirm()
    report = Report([SMALL], [Answers("anna", tuple(transcript.entries)), Answers("ben")])
    lines = [[*csv_lines(report), *json_lines(report)]]
    with speaking("zh_CN"):
        lines.append([*csv_lines(report), *json_lines(report)])
    assert lines[0] == lines[1]
    assert len(lines[0]) > 10
