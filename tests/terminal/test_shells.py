"""People at bash, zsh and fish: the commands that `Y` copies, typed there."""

import shlex
import shutil

import pytest
from command_line import started
from harness import Program
from shell_names import sixty_runs

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.session.reproduction import command, in_lines
from quadfit_tui.core.session.session import Session

pytestmark = pytest.mark.system

SHELLS = {
    "bash": ("bash", "--noprofile", "--norc", "-i"),
    "zsh": ("zsh", "-f", "-i", "-o", "extendedglob", "-o", "rcquotes"),  # which many have
    "fish": ("fish", "--no-config", "-i"),
}
PRIMARY = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[0c": b"\x1b[?62;22c"}  # what fish asks, and else waits for
# In the place of the program: the words that it is given.
STAND_IN = """#!/bin/sh
printf '%s\\0' "$@" >"$HOME/words.new"
mv "$HOME/words.new" "$HOME/words"
"""


@pytest.fixture(params=SHELLS)
def shell(request):
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}")
    return request.param


def given(program, line, words):
    """What the program is given when somebody types a line."""
    program.send(f"{line}\r")
    program.wait(words.exists, f"{line} starts nothing")
    found = words.read_bytes().decode().split("\0")[:-1]
    words.unlink()
    return found


def test_sixty_copied_commands_are_the_same_runs(shell, tmp_path, monkeypatch):
    """As one line, as the screen has it in lines, and in ASCII."""
    home, samples = tmp_path / "home", tmp_path / "samples"
    home.mkdir()
    samples.mkdir()
    monkeypatch.chdir(samples)
    stand_in = home / "quadfit-tui"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    env = {"HOME": str(home), "PATH": f"{home}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    program = Program(command=SHELLS[shell], env=env, cwd=str(samples), answers=PRIMARY)
    try:
        program.quiet()
        for config in sixty_runs(samples):
            session = Session(config)
            session.seek(2, 1)
            while session.is_busy:
                session.advance(1)
            copied = command(session, ["fit", "loss"])
            words = given(program, " ".join(copied), home / "words")
            assert words == shlex.split(" ".join(copied))[1:]
            for shown in (copied, command(session, ["fit", "loss"], ascii=True)):
                assert given(program, in_lines(shown, 40).replace("\n", "\r"), home / "words") == words
            again = started(*words).session
            while again.is_busy:
                again.advance(1)
            assert differences(session.config, again.config) == ()
            assert again.config.data == config.data
            assert again.timeline.position == session.timeline.position
            assert again.snapshot().w.tobytes() == session.snapshot().w.tobytes()
    finally:
        program.close()
