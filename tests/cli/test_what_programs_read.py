"""What programs read is the same in every language, byte for byte: rows, files of settings, exit codes."""

import pytest
from command_line import called
from tables import table

from quadfit_tui.cli.settings import save_settings
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.log_file import LogFile
from quadfit_tui.core.session.reproduction import write_config
from quadfit_tui.core.session.session import RunSession


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
def test_standard_output(the_same_files, words, code):
    (english, chinese), _ = the_same_files(lambda lang: called(*words.split(), "--lang", lang))
    assert (chinese.returncode, chinese.stdout) == (english.returncode, english.stdout)
    assert english.returncode == code
    assert bool(english.stdout) is (code != 2)


@table(
    ("words", "files"),
    [
        ("run -n 3 --noise 1 --head --with-config -o run.csv", ["run.csv", "run.csv.toml"]),
        ("run -n 3 --data data.csv --with-config -o run.csv", ["run.csv", "run.csv.toml"]),
        ("run -n 3 -o run.jsonl", ["run.jsonl"]),
    ],
)
def test_files(the_same_files, words, files):
    (english, chinese), made = the_same_files(lambda lang: called(*words.split(), "--lang", lang))
    assert english.returncode == chinese.returncode == 0
    assert {*made} == {"data.csv", *files}


def test_what_the_app_saves(the_same_files):
    def save(_):
        for name, config in (("made", RunConfig(samples=8, epochs=4)), ("read", RunConfig(data="data.csv", epochs=4))):
            session = RunSession(config, speed=None)
            session.play()
            while session.is_busy:
                session.advance(1)
            write_config(f"{name}.toml", session.timeline.task, session.snapshot().position)
            for style in ("csv", "jsonl"):
                log = LogFile(f"{name}.{style}", style, session)
                while log.is_busy:
                    log.advance(1)

    _, made = the_same_files(save)
    assert len(made) == 7


def test_settings_that_are_kept(the_same_files, tmp_path):
    kept = tmp_path / "config/quadfit-tui/settings.toml"

    def save(_):
        save_settings({"speed": "30", "theme": "nord"})
        return kept.read_bytes(), kept.unlink()

    (english, chinese), _ = the_same_files(save)
    assert english == chinese
