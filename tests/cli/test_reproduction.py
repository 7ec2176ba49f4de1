"""The command that `Y` copies: given to a shell, it is the same run at the same moment, to the last bit."""

import gzip
import hashlib
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import one_line, program, started
from configurations import MOST_SAMPLES, configurations
from hypothesis import given
from hypothesis import strategies as st
from shell_names import sixty_runs
from trials import trials, variants

from quadfit_tui import library
from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.session.reproduction import NotReproducibleError, command, wrap_command, write_config
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.position import START, Position

NAMES = ("samples.csv", "two words.csv", "it's.csv", "$HOME;`x`&.csv", "höhe, 3.csv", "-d.csv", "7", "#1=~.csv")
COLUMNS = (("1", "2"), ("2", "1"), ("height, in m", "it's $x;"), ("it's $x;", "1"))


def go(session, epoch, update=0):
    session.seek(epoch, update)
    while session.is_busy:
        session.advance(1)
    return session


def point(session):
    """Where a session is, and all bits of w there."""
    return session.timeline.position, session.timeline.trainer.trained_w.tobytes(), session.snapshot().w.tobytes()


def line_of(session):
    return " ".join(command(session))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files of samples in the folder where the commands are given."""
    folder, before = tmp_path_factory.mktemp("data"), os.getcwd()
    os.chdir(folder)
    for number, name in enumerate(NAMES):
        rows = [f"{(i - 5) / 7!r},{(i * i - number * i) / 3!r}\n" for i in range(MOST_SAMPLES)]
        (folder / name).write_text("".join(['"height, in m","it\'s $x;"\n', *rows]))
    yield NAMES
    os.chdir(before)


@trials(100)
@given(data=st.data())
def test_command_reproduces_run_exactly(files, data):
    session = RunSession(data.draw(configurations(files, COLUMNS)))
    for is_continued in (True, False) if data.draw(st.booleans()) else (False,):
        per_epoch = session.timeline.task.updates_per_epoch
        epoch, update = data.draw(st.integers(0, session.config.epochs)), data.draw(st.integers(0, per_epoch))
        go(session, epoch, update)
        if is_continued:
            try:
                session.carry_on()
            except ConfigError:  # from where w is, no run can start
                break
    _, *args = shlex.split(line_of(session))
    again = started(*args).session
    while again.is_busy:
        again.advance(1)
    assert point(again) == point(session)
    assert differences(session.config, again.config) == ()
    assert again.timeline.task.problem.sha256 == session.timeline.task.problem.sha256
    write_config("run.toml", session.timeline.task, START, overwrites=True)
    again = started("--config", "run.toml").session
    assert again.config == session.config
    go(again, *session.timeline.position)
    assert point(again) == point(session)


@pytest.mark.parametrize("kind", variants({kind: kind for kind in ("file", "continued", "random")}, 1))
def test_command_reproduces_run_in_new_process(files, kind):
    configs = {
        "file": RunConfig(data=files[1], lr=0.1, shuffle=True, batch=2, scale_features=True),
        "continued": RunConfig(optimizer="adam", samples=30, noise=0.1, lr=1 / 3),
        "random": PRESETS["noisy"].replace(init="random", seed=10**18, samples=30, batch=4),
    }
    session = go(RunSession(configs[kind]), 2, 3)
    if kind == "continued":
        session.carry_on()
        go(session, 1, 2)
    _, *args = shlex.split(line_of(session))
    done = program("run", *args, "-f", "jsonl", folder=os.getcwd())
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["w"] == session.snapshot().w.tolist()


# What it looks like


def at(config, position):
    return go(RunSession(config), *position)


@pytest.mark.parametrize(
    ("config", "moment", "line"),
    [
        (RunConfig(), START, "--preset article --at start"),
        (RunConfig(lr=0.1, seed=3), Position(12, 40), "--preset article --seed 3 --lr 0.1 --at 12:40"),
        (RunConfig(lr=1.2, samples=10), Position(15, 0), "--preset too-fast --samples 10 --at 14"),
        (RunConfig(momentum=0.3), START, "--preset article --at start"),  # which plain descent does not use
        (PRESETS["momentum"].replace(lr=0.9), Position(1, 0), "--preset momentum --lr 0.9 --at 0"),
        (PRESETS["adam"].replace(shuffle=False, tol=1e-7), START, "--preset adam --no-shuffle --tol 1e-07 --at start"),
        (RunConfig(init=(-0.0, 0.1, 1 / 3)), START, "--preset article --init 0,0.1,1/3 --at start"),
    ],
)
def test_command_lists_differences_from_nearest_preset(config, moment, line):
    words = command(at(config, moment), ["surface"])
    assert " ".join(words) == f"quadfit-tui {line} --view surface"


def test_data_file_has_sha256(files):
    digest = hashlib.sha256(Path(files[1]).read_bytes()).hexdigest()
    line = line_of(RunSession(PRESETS["own-data"].replace(data=files[1])))
    assert line == f"quadfit-tui --preset own-data --data 'two words.csv' --data-sha256 {digest} --at start"


def test_columns_and_encoding_are_shell_quoted(files):
    config = PRESETS["own-data"].replace(data=files[0], columns=COLUMNS[2], encoding="utf-8")
    line = line_of(RunSession(config))
    words = shlex.split(line)
    assert words[words.index("--columns") + 1] == '"height, in m", "it\'s $x;"'
    assert words[words.index("--encoding") + 1] == "utf-8"
    assert started(*words[1:]).session.config == config


def test_example_data_keeps_its_name(tmp_path):
    session = RunSession(PRESETS["own-data"].replace(data="example:pontius"))
    assert "--data example:pontius" in line_of(session)
    assert differences(started(*shlex.split(line_of(session))[1:]).session.config, session.config) == ()
    write_config(str(tmp_path / "run.toml"), session.timeline.task, START)
    assert started("--config", str(tmp_path / "run.toml")).session.config == session.config


def test_gzip_sha256_covers_compressed_bytes(tmp_path):
    content = gzip.compress(b"0,1\n1,2\n2,5\n", mtime=0)
    file = tmp_path / "packed.csv.gz"
    file.write_bytes(content)
    assert hashlib.sha256(content).hexdigest() in line_of(RunSession(PRESETS["own-data"].replace(data=str(file))))


def test_wrapped_command_equals_one_line_command():
    words = command(at(RunConfig(lr=0.1, noise=0.25, seed=3), Position(12, 40)), ["loss"])
    text = wrap_command(words, 40)
    assert len(text.splitlines()) > 2
    assert max(map(len, text.splitlines())) <= 40
    assert shlex.split(text.replace("\\\n", "")) == shlex.split(" ".join(words))


ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
SHELLS = {"bash": ["bash", "-c"], "sh": ["sh", "-c"], "zsh": ["zsh", "-fc"], "fish": ["fish", "--no-config", "-c"]}


@pytest.mark.parametrize("shell", SHELLS)
def test_shells_parse_commands_unchanged(shell, tmp_path, monkeypatch):
    """Also in ASCII. People at such a shell: `tests/soak/terminal/test_shells.py`."""
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    monkeypatch.chdir(tmp_path)
    lines, expected = [], []
    for config in sixty_runs(tmp_path):
        session = RunSession(config)
        words = shlex.split(line_of(session))[1:]
        assert words[words.index("--data") + 1] == config.data
        for ascii in (False, True):
            lines.append(wrap_command(command(session, ascii=ascii), 30).replace("quadfit-tui", "printf '%s\\0'", 1))
            assert lines[-1].isascii() or not ascii
            expected += words
    done = subprocess.run([*SHELLS[shell], "\n".join(lines)], stdout=subprocess.PIPE, check=True, env=ENVIRONMENT)
    assert done.stdout.decode().split("\0")[:-1] == expected


@pytest.mark.parametrize("character", ["\u202e", "\u2028", "\u200f", "\xa0", "\udcff", "\U000e0041"])
def test_unprintable_file_name_has_no_command(files, character):
    """What a terminal obeys, such as an escape sequence or a new line, is the name of no file at all."""
    name = f"a{character}b.csv"
    os.link(files[0], name)
    for ascii in (False, True):
        with pytest.raises(NotReproducibleError, match="cannot be shown: rename the file"):
            command(RunSession(PRESETS["own-data"].replace(data=name)), ascii=ascii)
    os.unlink(name)
    for control in ("\x1b]52;c;cm0gLXJm\x07", "\n", "\r", "\x9b2J", "\0"):
        with pytest.raises(ConfigError, match="is not the name of a file"):
            RunConfig(data=f"a{control}.csv")


def test_lesson_samples_have_no_command():
    virtual_files.register_virtual("lesson:x/ball", b"0,1\n1,2\n2,4\n")
    own = RunSession(PRESETS["own-data"].replace(data="lesson:x/ball"))
    with pytest.raises(NotReproducibleError, match="are part of a lesson"):
        line_of(own)


# A file that has changed


def test_changed_data_file_is_refused(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "own.csv"
    file.write_text("0,1\n1,2\n2,5\n")
    old, run = hashlib.sha256(file.read_bytes()).hexdigest(), ["run", "-q", "--data", "own.csv", "--data-sha256"]
    assert call(*run, old)[0] == 0
    assert call(*run, old.upper())[0] == 0
    file.write_text("0,1\n1,2\n2,6\n")
    new = hashlib.sha256(file.read_bytes()).hexdigest()
    code, out, err = call(*run, old)
    assert (code, out) == (2, "")
    assert f"'--data-sha256': own.csv has changed: its SHA-256 is {new}; allowed: {old}" in one_line(err)
    (tmp_path / "own.toml").write_text(f'data = "own.csv"\ndata_sha256 = "{old}"\n')
    code, out, err = call("run", "-q", "-c", "own.toml")
    assert (code, out) == (2, "")
    assert f"'--config own.toml': own.csv has changed: its SHA-256 is {new}; allowed: {old}" in one_line(err)
    assert call("run", "-q", "-c", "own.toml", "--data-sha256", new)[0] == 0
    assert call("run", "-q", "-c", "own.toml", "--data", "own.csv")[0] == 0  # which the file says nothing about


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--data-sha256", "0" * 64], "--data-sha256 has no effect without --data FILE"),
        (["--data", "x", "--data-sha256", "0" * 63], "is not a SHA-256; allowed: 64 hexadecimal digits, as sha256sum"),
        (["--data", "x", "--data-sha256", "g" * 64], "is not a SHA-256"),
        (["--config", "a.toml"], "'--config': 'a.toml' has data_sha256 without data; allowed: both or neither"),
        (["--config", "b.toml"], "'--config b.toml': data_sha256 = '1' is not a SHA-256; allowed: 64 hexadecimal"),
    ],
)
def test_invalid_sha256_options_are_refused(call, tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(f'data_sha256 = "{"0" * 64}"\n')
    (tmp_path / "b.toml").write_text('data = "x"\ndata_sha256 = 1\n')
    code, out, err = call("run", *args)
    assert (code, out) == (2, "")
    assert words in one_line(err)


def test_samples_in_memory_are_in_no_command():
    session = library.Session(PRESETS["own-data"], x=[1, 2, 3], y=[3, 2, 5])
    with pytest.raises(NotReproducibleError, match="in the memory of a Python program"):
        command(session)
