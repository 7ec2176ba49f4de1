"""lessons play is killed at any moment: what was confirmed is recorded, and the student is back at the right step.

A dialogue within the test takes the same lines: what the program had said when it was killed is the beginning of what
that one says, and the transcript leads to where it was then.
"""

import os
import random
import shutil
import sys
import time

from harness import Program
from lessons_taken import OF_SMALL, SMALL, TEXT
from trials import FOR_RELEASE

from quadfit_tui.core.text.sentences import lines_to_hear
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.dialogue.dialogue import Dialogue
from quadfit_tui.teaching.notation.catalog import Catalog

COUNT = 50 if FOR_RELEASE else 25  # programs that are killed
RUNS = ("go 2", "go", "set epochs 2", "again")  # of which something is said before the step is done
TYPED = ("", "3", "12", "a", "b", "c", "hint", "skip", "skip", "It is so.", "anew", *RUNS)


def state(course):
    """Where a student is, and what is known of the answers."""
    step = course.step
    return (step and step.id, course.phase, course.own_answers(), course.progress.score, course.progress.attempt)


def resumed(path, copy):
    """Where a student comes back to, by a transcript that stays as it is."""
    shutil.copy(path, copy)
    course = Course(SMALL, OF_SMALL, Transcript(TranscriptLocation(str(copy), 0o640)))
    course.start()
    return state(course)


def said_and_states(path, lines, folder):
    """What is said to each of the lines, and where the student is after each of them; first those of no line.

    The transcript at `path` stays as it is.
    """
    own = folder / "expected.jsonl"
    own.unlink(missing_ok=True)
    if path.exists():
        shutil.copy(path, own)
    dialogue = Dialogue(Catalog(()), Transcript(TranscriptLocation(str(own), 0o640)), known=frozenset({SMALL.digest}))
    said, states = [], []
    for line in (None, *lines):
        words = dialogue.begin(SMALL) if line is None else dialogue.handle_line(line)
        said.append([heard for text in words for heard in lines_to_hear(text)])
        states.append(state(dialogue.lesson.course))
    return said, states


PLAYED = """
import os, sys
_, lesson, typed, said = sys.argv
os.dup2(os.open(typed, os.O_RDONLY), 0)
os.dup2(os.open(said, os.O_WRONLY), 1)
sys.stdin, sys.stdout = open(0), open(1, "w")
from quadfit_tui.main import main
main(["lessons", "play", lesson])
"""


def killed(home, lines, size, moment):
    """What the program has said to lines when it was killed, a moment after so many bytes of it; all whole lines of it.

    It is a fork, which begins at once, and reads from a pipe that stays open.
    """
    typed, said = home / "typed", home / "said"
    typed.unlink(missing_ok=True)
    os.mkfifo(typed)
    said.write_bytes(b"")
    with open(os.open(typed, os.O_RDWR), "wb") as pipe:
        pipe.write("".join(f"{line}\n" for line in lines).encode())
        pipe.flush()
        command = (sys.executable, "-c", PLAYED, str(home / "small.md"), str(typed), str(said))
        program = Program(command=command, env={"HOME": str(home)})
        while said.stat().st_size < size:  # and not by the clock: other machines are quicker, or busy
            assert program.is_alive
        time.sleep(moment)
        program.close()
    return said.read_text(encoding="utf-8").split("\n")[:-1]


def test_killed_lesson_resumes_in_place(tmp_path):
    moments, seen = random.Random(COUNT), set()
    (tmp_path / "lessons").mkdir()
    (tmp_path / "small.md").write_text(TEXT)
    path = tmp_path / "lessons" / "transcript.jsonl"
    for number in range(COUNT):
        if number % 10 == 0:
            path.unlink(missing_ok=True)  # a long transcript takes as long to read for each state of it
        lines = moments.choices(TYPED, k=40)
        said, states = said_and_states(path, lines, tmp_path)
        size = len("".join(f"{line}\n" for words in said for line in words).encode())
        heard = killed(tmp_path, lines, moments.randint(1, size), moments.uniform(0, 0.0005))
        whole, expected = 0, []  # how many of the lines typed, and of the first words, were answered in full
        while whole < len(said) and heard[len(expected) :][: len(said[whole])] == said[whole]:
            expected += said[whole]
            whole += 1
        begun = heard[len(expected) :]
        assert not begun or begun == said[whole][: len(begun)]
        found = resumed(path, tmp_path / "copy.jsonl")
        # What somebody was told of was recorded before; the line after it may be, too.
        told = whole + 1 if begun and [None, *lines][whole] not in RUNS else whole
        assert found in states[max(0, told - 1) : whole + 2], (whole, heard[-3:])
        seen.add(whole)
    assert len(seen) > COUNT / 10, seen  # on a busy machine more is said at once
