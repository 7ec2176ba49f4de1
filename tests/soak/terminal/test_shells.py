"""People at bash, zsh and fish: the commands that `Y` copies, typed there, and the tab key as the manual has it."""

import re
import shlex
import shutil
import sys

import pytest
from command_line import started
from documents import MANUAL
from harness import Program
from shell_names import sixty_runs
from trials import drawn

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.presets import SUMMARIES
from quadfit_tui.core.session.reproduction import command, wrap_command
from quadfit_tui.core.session.session import RunSession

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

PROGRAM = f"""#!/bin/sh
exec {shlex.quote(sys.executable)} -m quadfit_tui "$@"
"""
# What comes before the manual's line.
BEFORE = {"bash": "true", "zsh": "autoload -U compinit; compinit -D -u", "fish": "set fish_autosuggestion_enabled 0"}
COMPLETED = {  # by the tab key
    "less": "lessons",
    "run --exp": "run --explain",
    "run --preset noi": "run --preset noisy",
    "run --preset=noi": "run --preset=noisy",
    "--lesson sca": "--lesson scaling",
    "lessons play sca": "lessons play scaling",
    "--theme textual-l": "--theme textual-light",
    "--at sta": "--at start",
    "run --optimizer nes": "run --optimizer nesterov",
    "run --data example:pon": "run --data example:pontius",
    "run --data=example:pon": "run --data=example:pontius",
    "run --data 'example:pon": "run --data 'example:pontius'",
    "run -d example:pontius --schedule=cos": "run -d example:pontius --schedule=cosine",
    "run --data own": "run --data own\\ file.csv",
}


@pytest.fixture(params=drawn([*SHELLS], 1))
def shell(request):
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}")
    return request.param


def furnished(home, script):
    """The environment of a shell to which a script is the program."""
    program = home / "quadfit-tui"
    program.write_text(script)
    program.chmod(0o755)
    return {"HOME": str(home), "PATH": f"{home}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


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
    program = Program(command=SHELLS[shell], env=furnished(home, STAND_IN), cwd=str(samples), answers=PRIMARY)
    try:
        program.quiet()
        for config in sixty_runs(samples):
            session = RunSession(config)
            session.seek(2, 1)
            while session.is_busy:
                session.advance(1)
            copied = command(session, ["fit", "loss"])
            words = given(program, " ".join(copied), home / "words")
            assert words == shlex.split(" ".join(copied))[1:]
            for shown in (copied, command(session, ["fit", "loss"], ascii=True)):
                assert given(program, wrap_command(shown, 40).replace("\n", "\r"), home / "words") == words
            again = started(*words).session
            while again.is_busy:
                again.advance(1)
            assert differences(session.config, again.config) == ()
            assert again.config.data == config.data
            assert again.timeline.position == session.timeline.position
            assert again.snapshot().w.tobytes() == session.snapshot().w.tobytes()
    finally:
        program.close()


@pytest.fixture
def typed(shell, terminal, tmp_path):
    """What is seen once something was typed behind the program's name, as soon as that shows a text."""
    (tmp_path / "own file.csv").write_text("0,1\n1,2\n2,5\n")
    env = furnished(tmp_path, PROGRAM)
    screen = terminal(command=SHELLS[shell], env=env, cwd=str(tmp_path), size=(50, 150), answers=PRIMARY)
    (line,) = re.findall(rf"^.*_COMPLETE={shell}_source.*$", MANUAL["options"], re.MULTILINE)
    screen.send(f"{BEFORE[shell]}; {line}; echo now it is rea''dy\r")
    screen.until("now it is ready")

    def typed(text, *shown):
        screen.quiet(0.1)
        screen.send(f"quadfit-tui {text}")
        for each in shown:
            screen.until(each)
        seen = screen.text
        screen.send("\x15")  # ctrl+u
        screen.quiet(0.1)
        screen.send("\x0c")  # ctrl+l
        return seen

    return typed


def test_tab_completes_as_documented(typed):
    for text, whole in COMPLETED.items():
        typed(f"{text}\t", f"quadfit-tui {whole}")


def test_completion_descriptions_are_whole(shell, typed):
    """By bash, which tells nothing, it is named."""
    told = shell != "bash"
    typed("lessons \t\t", *(["List the lessons: id, title, minutes, and the aim."] if told else ["handout", "watch"]))
    typed("--preset \t\t", *([SUMMARIES["article-minibatch"]] if told else ["article-minibatch"]))
    lessons = typed("--lesson \t\t", "update", "minima", *["Noise, and the floor of the loss"] * told)
    assert lessons.rindex("update") < lessons.rindex("batches")  # as they are taken
