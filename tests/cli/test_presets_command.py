"""Presets of one's own on the command line: listed, taken, completed, refused in one line."""

import hashlib
import json

import pytest
from command_line import one_line, started

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.ui.form.form import Form


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "quadfit-tui/presets"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("# Slow and steady\nlr = 0.1\nepochs = 20\n")
    return folder


def test_the_list_has_ones_own_last(call, folder):
    code, out, err = call("presets")
    assert (code, err) == (0, "")
    heading, *rows = out.rstrip().rpartition("\n\n")[2].splitlines()
    assert heading == f"Your own, from {folder}:"
    assert [row.split() for row in rows] == [["mine", "Slow", "and", "steady"], ["--lr", "0.1", "--epochs", "20"]]
    listed = json.loads(call("presets", "-f", "json")[1])
    assert [each["name"] for each in listed if not each["own"]] == [*PRESETS]
    changes = {"lr": 0.1, "epochs": 20}
    assert listed[-1] == {"name": "mine", "summary": "Slow and steady", "changes": changes, "own": True}
    assert [*listed[-1]] == ["name", "summary", "changes", "own"]  # in the order of what programs know already


@pytest.mark.parametrize("style", ["text", "json"])
def test_invalid_preset_files_warn_beside_list(call, folder, style):
    (folder / "minus.toml").write_text("lr = -1\n")
    (folder / "\x1b[2J.toml").touch()
    code, out, err = call("presets", "-f", style)
    assert (code, "mine" in out, "minus" in out) == (0, True, False)
    value, name = sorted(err.splitlines())
    assert name.startswith(r"quadfit-tui: presets: '\x1b[2J' is not a name of a preset; allowed: up to 40 letters and")
    assert value == "quadfit-tui: presets/minus.toml:1: lr = '-1' is too small; allowed: above 0, up to 1e6"


def test_options_override_own_preset(rows, folder):
    options = ("--lr", 0.1, "--epochs", 20)
    assert rows("--preset", "mine") == rows(*options)
    assert rows("--preset", "mine", "--seed", 3, "--noise", 1) == rows(*options, "--seed", 3, "--noise", 1)
    (folder / "file.toml").write_text("lr = 0.2\n")
    assert rows("-p", "mine", "-c", folder / "file.toml") == rows("--lr", 0.2, "--epochs", 20)
    assert rows("--preset", " NOISY ") == rows("--preset", "noisy")


def test_its_name_may_be_of_any_script(call, rows, folder):
    (folder / "mine.toml").rename(folder / "我的预设.toml")
    assert rows("--preset", "我的预设") == rows("--lr", 0.1, "--epochs", 20)
    assert "我的预设" in call("presets")[1]
    assert "did you mean '我的预设'?" in one_line(call("run", "--preset", "我的预没")[2])


def test_unknown_or_invalid_preset_is_refused(call, folder):
    (folder / "low.toml").write_text("\nlr = -1\n")
    (folder / "adam.toml").touch()

    def refused(name):
        code, out, err = call("run", "--preset", name)
        assert (code, out) == (2, "")
        return one_line(err).removeprefix("quadfit-tui: Invalid value for '-p' / '--preset': ")

    assert refused("low") == (
        "'low' cannot be used: presets/low.toml:2: lr = '-1' is too small; allowed: above 0, up to 1e6"
    )
    assert refused("mien").startswith(
        "'mien' is not one of the choices (did you mean 'mine'?); allowed: one of article"
    )
    assert refused("mien").endswith("own-data, or one of your own: low, mine")
    assert refused("../mine").startswith("'../mine' is not one of the choices")
    for file in folder.iterdir():
        file.unlink()
    assert refused("mine").endswith("own-data, or one of your own")


def test_data_is_relative_and_hash_checked(call, rows, folder, tmp_path, monkeypatch):
    samples = b"0,1\n1,2\n2,5\n"
    (folder / "own.csv").write_bytes(samples)
    digest = hashlib.sha256(samples).hexdigest()
    (folder / "data.toml").write_text(f'data = "own.csv"\ndata_sha256 = "{digest}"\n')
    monkeypatch.chdir(tmp_path)
    assert rows("--preset", "data") == rows("--data", folder / "own.csv")
    (folder / "own.csv").write_bytes(samples + b"3,9\n")
    code, _, err = call("run", "--preset", "data")
    assert code == 2
    assert f"'--preset data': {folder}/own.csv has changed" in one_line(err)
    (folder / "other.csv").write_bytes(b"0,1\n1,3\n2,9\n")
    assert rows("--preset", "data", "--data", folder / "other.csv")[0] == 0


def test_the_app_begins_with_it(folder):
    app = started("--preset", "mine")
    assert (app.session.config.lr, app.presets.nearest(app.session.config).title) == (0.1, "mine")
    assert Form(app.session.config, app.presets, lambda _: None).border_title == "Settings · mine"
    assert started().presets.own == {}  # which are read once somebody asks for them
    (folder / "low.toml").write_text("lr = -1\n")
    assert started("--preset", "noisy").presets.faults == []


@pytest.mark.parametrize(("words", "found"), [("run --preset mi", {"mine"}), ("-p m", {"mine", "momentum"})])
@pytest.mark.usefixtures("folder")
def test_a_shell_completes_its_name(call, monkeypatch, words, found):
    told = {"COMP_WORDS": f"quadfit-tui {words}", "COMP_CWORD": f"{len(words.split())}"}
    for name, value in (told | {"_QUADFIT_TUI_COMPLETE": "bash_complete"}).items():
        monkeypatch.setenv(name, value)
    code, out, err = call()
    assert (code, err) == (0, "")
    assert {line.partition(",")[2] for line in out.splitlines()} == found
