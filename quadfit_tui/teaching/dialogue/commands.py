"""The commands of lessons by lines: the words that are typed for each, what it does, and what the help says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.text.language import _, noted, noted_in
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.dialogue.lesson_dialogue import Words
from quadfit_tui.teaching.dialogue.run_dialogue import RunDialogue

_COUNT = Integer(1, 10**9)


def _count(text: str) -> int:
    try:
        return _COUNT.parse(text or "1")
    except ValueError:
        raise ValueError(_("{text} is no count; an example is go 10").format(text=quoted(text))) from None


class Command(NamedTuple):
    """What can be typed: its words, noted, with blanks between, what it does, and a sentence of the help, noted.

    Keys of the app are among the words; a language tells the first one. Something may follow it where it `takes` it.
    """

    words: str
    do: Callable[[Any, str], Words]  # of a Dialogue, which knows this table
    help: str
    takes: bool = False
    needs_lesson: bool = True
    is_of_run: bool = False


def _of_run(words: str, do: Callable[[RunDialogue, str], Words], help: str, takes: bool = False) -> Command:
    return Command(words, lambda it, rest: do(it.run, rest), help, takes, is_of_run=True)


COMMANDS: dict[str, Command] = {
    "answer": Command(
        noted_in("words to type", "answer"),
        lambda it, rest: it.lesson.answer(rest),
        noted("Answer B gives the answer B; B alone does, too."),
        takes=True,
    ),
    "hint": Command(
        noted_in("words to type", "hint h"), lambda it, _: iter([it.lesson.course.hint()]), noted("Hint gives a hint.")
    ),
    "skip": Command(
        noted_in("words to type", "skip s"),
        lambda it, _: it.lesson.skip(),
        noted("Skip gives up a step, and tells its answer; type it twice."),
    ),
    "again": Command(
        noted_in("words to type", "again"),
        lambda it, _: it.lesson.again(),
        noted("Again says the step again, and sets up its run."),
    ),
    "next": Command(
        noted_in("words to type", "next"),
        lambda it, _: it.go_on(),
        noted("Next goes on, as Enter alone does."),
        needs_lesson=False,
    ),
    "previous": Command(
        noted_in("words to type", "previous prev"),
        lambda it, _: it.lesson.back(),
        noted("Previous says the step before; Enter leads on from it."),
    ),
    "answers": Command(
        noted_in("words to type", "answers"),
        lambda it, _: it.lesson.answers(),
        noted("Answers tells your answers, and the right ones."),
    ),
    "list": Command(
        noted_in("words to type", "list lessons"),
        lambda it, _: it.list(),
        noted("List tells the lessons, and how far you are."),
        needs_lesson=False,
    ),
    "lesson": Command(
        noted_in("words to type", "lesson"),
        lambda it, rest: it.choose(rest),
        noted("Lesson 2 goes to that lesson."),
        takes=True,
        needs_lesson=False,
    ),
    "anew": Command(
        noted_in("words to type", "anew"), lambda it, _: it.anew(), noted("Anew begins this lesson once more.")
    ),
    "join": Command(
        noted_in("words to type", "join"),
        lambda it, _: it.join(),
        noted("Join goes to the question of the class."),
        needs_lesson=False,
    ),
    "go": _of_run(
        noted_in("words to type", "go play"),
        lambda run, rest: run.play(_count(rest) if rest else None),
        noted("Go trains to the end of the run, go 10 trains 10 epochs."),
        takes=True,
    ),
    "step": _of_run(
        noted_in("words to type", "step n"),
        lambda run, rest: run.step(_count(rest)),
        noted("Step makes one update, step 5 makes 5."),
        takes=True,
    ),
    "back": _of_run(
        noted_in("words to type", "back"),
        lambda run, rest: run.step(-_count(rest)),
        noted("Back goes back one update, back 5 goes back 5."),
        takes=True,
    ),
    "to": _of_run(
        noted_in("words to type", "to"),
        RunDialogue.to,
        noted("To 14 goes to after epoch 14, to 15:3 three updates later."),
        takes=True,
    ),
    "rate": _of_run(
        noted_in("words to type", "rate lr l"),
        lambda run, rest: run.change(f"lr {rest}"),
        noted("Rate 1.6 begins the run anew at that learning rate."),
        takes=True,
    ),
    "set": _of_run(
        noted_in("words to type", "set"),
        RunDialogue.change,
        noted("Set batch 16 begins it anew with another setting."),
        takes=True,
    ),
    "preset": _of_run(
        noted_in("words to type", "preset"),
        lambda run, rest: run.begin(rest),
        noted("Preset article begins the run of that preset."),
        takes=True,
    ),
    "restart": _of_run(
        noted_in("words to type", "restart r"), lambda run, _: run.restart(), noted("Restart begins the run again.")
    ),
    "where": _of_run(
        noted_in("words to type", "where"),
        lambda run, _: run.where(),
        noted("Where tells how far the run is, the losses, and a, b and c."),
    ),
    "more": _of_run(
        noted_in("words to type", "more"),
        lambda run, _: run.more(),
        noted("More tells all that happened in a run of a lesson."),
    ),
    "update": _of_run(
        noted_in("words to type", "update"),
        lambda run, _: run.update(),
        noted("Update tells the numbers of the last update."),
    ),
    "settings": _of_run(
        noted_in("words to type", "settings"),
        lambda run, _: run.settings(),
        noted("Settings tells the settings of the run."),
    ),
    "why": _of_run(
        noted_in("words to type", "why i"),
        lambda run, _: run.why(),
        noted("Why tells what to expect of the run, and why."),
    ),
    "help": Command(
        noted_in("words to type", "help ?"), lambda it, _: it.help(), noted("Help tells all this."), needs_lesson=False
    ),
    "quit": Command(
        noted_in("words to type", "quit q exit bye"),
        lambda it, _: it.leave(),
        noted("Quit leaves; come back at any time."),
        needs_lesson=False,
    ),
}
WORDS = {name: command.words for name, command in COMMANDS.items()} | {"go 1": noted_in("words to type", "e")}
