"""The command line of the app: the view it begins with, and what it refuses before it starts."""

import os

import pytest
from command_line import CLOSED, called, one_line
from tables import table

from quadfit_tui import main as command_line


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--output", "f.csv"], ["--output belongs to 'run'; write it after 'run'"]),
        (["-o", "f.csv"], ["-o belongs to 'run'; write it after 'run'"]),
        (["--every", "2"], ["--every belongs to 'run'; write it after 'run'"]),
        (["--format", "csv", "run"], ["--format", "after 'run'"]),
        (["presets", "--output", "f"], ["--output only applies to 'run'", "not to 'presets'"]),
    ],
)
def test_output_options_are_refused(call, tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert [word for word in words if word not in line] == []
    assert not list(tmp_path.iterdir())


@pytest.fixture
def begun(monkeypatch, begins):
    """The first views of each app that is started."""
    shown = []
    monkeypatch.delenv("TEXTUAL_FPS", raising=False)
    begins(lambda app: shown.append([*app._first_views]))
    return shown


@pytest.mark.parametrize(
    ("args", "views"),
    [
        ((), ["fit"]),
        (("--view", "fit"), ["fit"]),
        (("--view=update",), ["update"]),
        (("--view", "surface:near", "--view", "loss", "--view", "surface"), ["surface", "loss"]),
    ],
)
def test_app_starts_with_requested_views(call, begun, args, views):
    assert call(*args)[0] == 0
    assert begun == [views]


@pytest.mark.parametrize("name", ["words", " Words"])
def test_removed_view_is_read_as_fit_and_told_once(call, begins, name):
    notices = []
    begins(lambda app: notices.append((dict(app._first_views), app.notices)))
    assert call("--view", name, "--view", "words", "--view", "loss")[0] == 0
    told = "View words is gone, fit is shown; key i and run --format spoken tell the run."
    assert notices == [({"fit": {}, "loss": {}}, [told])]


@pytest.mark.parametrize("name", ["", "fits"])
def test_unknown_view_is_refused_with_choices(call, begun, name):
    from quadfit_tui.ui.views.view_table import VIEWS

    code, out, err = call("--view", name)
    assert (code, out, begun) == (2, "", [])
    line = one_line(err)
    assert f"'--view': {name!r} is not one of the choices" in line
    assert f"; allowed: one of {', '.join(VIEWS)}" in line


@pytest.mark.parametrize("command", [["--view"], ["run", "--epochs", "3", "--plot"]], ids=["app", "run"])
@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("surface:nea", "'nea' is not one of the choices (did you mean 'near'?); allowed: path, near, a c, b c, a b, "),
        ("update:near", "'near' is not one of the choices; view update has no options"),
    ],
)
def test_unknown_view_option_is_refused_with_choices(call, begun, command, view, words):
    code, out, err = call(*command, view)
    assert (code, out, begun) == (2, "", [])
    assert f"'{command[-1]}': {words}" in one_line(err)


def test_unknown_theme_is_refused_with_suggestion(call, begun):
    code, out, err = call("--theme", "nrod")
    assert (code, out, begun) == (2, "", [])
    assert "'--theme': 'nrod' is not one of the choices (did you mean 'nord'?); allowed: one of " in one_line(err)


@pytest.mark.parametrize("args", [[], ["--preset", "noisy"], ["--lr", "0.1", "--speed", "max"]])
def test_app_refuses_to_start_without_a_terminal(args):
    done = called(*args)
    assert (done.returncode, done.stdout) == (2, "")
    line = one_line(done.stderr)
    assert "standard input is not a terminal" in line
    assert "quadfit-tui run" in line


@pytest.mark.parametrize("closed", [{"stdin": CLOSED}, {"stdout": CLOSED}], ids=["input", "output"])
def test_a_closed_file_is_no_terminal(closed):
    ours, its = os.openpty()
    done = called(**{"stdin": its, "stdout": its} | closed)
    os.close(ours)
    os.close(its)
    assert done.returncode == 2
    assert f"standard {next(iter(closed))[3:]}put is not a terminal" in one_line(done.stderr)


@table(
    ("args", "words"),
    [
        (["--lr", "nan"], ["--lr", "'nan'"]),
        (["--preset", "nope"], ["--preset", "'nope'"]),
        (["--speed", "7"], ["--speed", "'7'", "30", "max"]),
        (["--fps", "0"], ["--fps", "0", "60"]),
        (["--lr", "0.1", "run"], ["--lr", "after", "run"]),
        (["train"], ["no such command 'train'; commands: " + ", ".join(command_line.cli.commands)]),
        (["f.csv"], ["no such command 'f.csv' (did you mean '--data f.csv'?)"]),
        (["--lr", "0.1", "F.TXT"], ["no such command 'F.TXT' (did you mean '--data F.TXT'?)"]),
        (["my run.toml"], ["no such command 'my run.toml' (did you mean \"--config 'my run.toml'\"?)"]),
        (["--zzz"], ["no such option '--zzz'; see 'quadfit-tui --help'"]),
        (["--data", "-"], ["--data", "keyboard", "'quadfit-tui run --data -'"]),
        (["--config", "-"], ["--config", "keyboard", "'quadfit-tui run --config -'"]),
        (["--quiet"], ["--quiet belongs to 'run'; write it after 'run'"]),
        (["presets", "--plot"], ["--plot only applies to 'run'", "not to 'presets'"]),
        (["presets", "--plott"], ["no such option '--plott'; see 'quadfit-tui presets --help'"]),
        (["explain", "--ascii"], ["--ascii only applies to the app", "'run'", "not to 'explain'"]),
        (["--ascii", "explain"], ["--ascii only applies to the app", "'run'", "not to 'explain'"]),
        (["presets", "--confined"], ["--confined only applies to the app", "'run'", "not to 'presets'"]),
        (["presets", "--lr", "1"], ["--lr only applies to the app", "'run'", "not to 'presets'"]),
    ],
)
def test_app_refuses_bad_options_like_run_does(call, args, words):
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert [word for word in words if word not in line] == []
