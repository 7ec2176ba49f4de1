"""--confined, --confined-to: files in a folder only, by whatever option or file they are named."""

import os
import pwd

import pytest

from quadfit_tui.cli import language_choice
from quadfit_tui.cli.settings import saved_language
from quadfit_tui.core.files import access
from quadfit_tui.main import main


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder by the password database, in which the call is made."""
    folder = tmp_path / "anna"
    folder.mkdir()
    for name in ("own.csv", "../other.csv"):
        (folder / name).write_text("0,1\n1,2\n2,4\n")
    (folder / "own.toml").write_text('epochs = 2\ndata = "own.csv"\n')
    (folder / "bad.toml").write_text('epochs = 2\ndata = "../other.csv"\n')
    (folder / "../other.toml").write_text("epochs = 2\n")
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(folder), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: entry)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def call(capsys, monkeypatch):
    """Calls the program; its confinement and what that drops of the environment end with the test."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        monkeypatch.setenv(name, os.environ[name])

    def call(*args):
        with pytest.raises(SystemExit) as end:
            main(list(args))
        return end.value.code, *capsys.readouterr()

    yield call
    access.configure()


@pytest.mark.parametrize(
    ("args", "named", "allowed"),
    [
        (["--data", "../other.csv"], "'../other.csv' cannot be read", "a CSV file"),
        (["--data", "/etc/passwd"], "'/etc/passwd' cannot be read", "a CSV file"),
        (["--config", "../other.toml"], "'--config': '../other.toml' cannot be read", "a TOML file"),
        (["--config", "bad.toml"], "'../other.csv' cannot be read", "a CSV file"),
        (["--output", "../new.txt"], "'../new.txt' cannot be written", "a file"),
        (["--output", "/dev/stdout"], "'/dev/stdout' cannot be written", "a file"),
    ],
)
@pytest.mark.parametrize("option", ["--confined", "--confined-to=."])
def test_outside_file_is_refused(call, home, monkeypatch, args, named, allowed, option):
    outside = "your home directory" if option == "--confined" else home
    if option != "--confined":
        monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    for order in ([option, *args], [*args, option]):
        code, out, err = call("run", "--epochs", "2", *order)
        assert (code, out) == (2, "")
        assert f"{named}: it is outside {outside}; allowed: {allowed} in {home}\n" in err
        assert len(err.splitlines()) == 1
    assert not (home / "../new.txt").exists()


@pytest.mark.parametrize("options", [["--confined"], ["--confined-to", "../anna"]])
def test_own_files_are_read_and_written(call, home, monkeypatch, options):
    if options != ["--confined"]:
        monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    code, _, err = call("run", *options, "--config", "own.toml", "--lr", "0.1", "--output", "~/new.txt")
    assert (code, err) == (0, "")
    assert (home / "new.txt").read_text().startswith("epoch")
    code, _, err = call("run", *options, "--data", "~/own.csv", "--output", "./own.csv")
    assert code == 2
    assert "is an input of this run" in err
    assert call("run", *options, "--data", "example:pontius", "--quiet")[0] == 0  # of the program itself


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (
            ["--confined-to", "absent"],
            "--confined-to 'absent': there is no directory of this name; allowed: a directory",
        ),
        (
            ["--confined-to", ""],
            "--confined-to '': there is no directory of this name; allowed: a directory of its own",
        ),
        (["--confined-to", "own.csv"], "--confined-to 'own.csv': there is no directory of this name"),
        (["--confined-to=/"], "--confined-to '/': '/' holds all files; allowed: a directory of its own"),
        (["--confined", "--confined-to", "."], "--confined-to cannot be combined with --confined"),
        (["--confined-to", ".", "--confined"], "--confined cannot be combined with --confined-to"),
    ],
)
@pytest.mark.parametrize("command", [[], ["run"]])
def test_a_folder_that_confines_nobody_is_refused(call, command, args, says):
    code, out, err = call(*command, *args)
    assert (code, out) == (2, "")
    assert err.startswith(f"quadfit-tui: {says}")
    assert len(err.splitlines()) == 1


@pytest.mark.usefixtures("home")
def test_settings_are_those_of_the_folder(call, home, monkeypatch, tmp_path):
    """As a language of theirs shows, which is asked for before anything else."""
    for folder, code in ((home, "zh_CN"), (tmp_path / "other", "en")):
        (folder / ".config/quadfit-tui").mkdir(parents=True)
        (folder / ".config/quadfit-tui/settings.toml").write_text(f'language = "{code}"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "other/.config"))
    monkeypatch.setattr(language_choice, "saved_language", lambda: found.append(saved_language()))
    found = []
    for option in ("--confined-to=.", "--confined"):
        call("run", "--epochs", "2", option)
    access.configure()
    call("run", "--epochs", "2")
    assert found == ["zh_CN", "zh_CN", "en"]


@pytest.mark.parametrize("command", [[], ["run"]])
@pytest.mark.usefixtures("home")
def test_somebody_without_a_home_folder_is_refused(call, monkeypatch, command):
    entry = pwd.struct_passwd(("nobody", "x", os.getuid(), os.getgid(), "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: entry)
    code, out, err = call(*command, "--confined")
    assert (code, out) == (2, "")
    said = "your home directory is '/', which holds all files; allowed: a directory of your own"
    assert err == f"quadfit-tui: --confined: {said}\n"


@pytest.mark.usefixtures("home")
def test_unsafe_textual_variables_are_dropped(call, begins, monkeypatch):
    begun = []
    begins(lambda _: begun.append({name for name in os.environ if name.startswith("TEXTUAL")}))
    for name in ("TEXTUAL", "TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_THEME"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("TEXTUAL_FPS", "60")
    assert call()[0] == 0
    assert not access.is_confined()
    assert call("--confined-to", ".")[0] == 0
    assert access.is_confined()
    assert begun[0] > begun[1] == {"TEXTUAL_FPS"}
    assert os.environ["TEXTUAL_FPS"] == "120"  # the program's own


@pytest.mark.parametrize("command", ["run", "presets"])
def test_confined_before_command_is_refused(call, command):
    code, out, err = call("--confined", command)
    assert (code, out) == (2, "")
    assert "--confined" in err
