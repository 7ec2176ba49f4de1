"""The commands of lessons by lines: the words that are typed for each, what it does, and what the help says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.text.language import N_, _, pgettext_noop
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.dialogue.lesson_dialogue import Sentences
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
    do: Callable[[Any, str], Sentences]  # of a Dialogue, which knows this table
    help: str
    takes: bool = False
    needs_lesson: bool = True
    is_of_run: bool = False


def _of_run(words: str, do: Callable[[RunDialogue, str], Sentences], help: str, takes: bool = False) -> Command:
    return Command(words, lambda it, rest: do(it.run, rest), help, takes, is_of_run=True)


COMMANDS: dict[str, Command] = {
    "answer": Command(
        pgettext_noop("words to type", "answer"),
        lambda it, rest: it.lesson.answer(rest),
        N_("Answer B gives the answer B; B alone does, too."),
        takes=True,
    ),
    "hint": Command(
        pgettext_noop("words to type", "hint h"),
        lambda it, _: iter([it.lesson.course.hint()]),
        N_("Hint gives a hint."),
    ),
    "skip": Command(
        pgettext_noop("words to type", "skip s"),
        lambda it, _: it.lesson.skip(),
        N_("Skip gives up a step, and tells its answer; type it twice."),
    ),
    "again": Command(
        pgettext_noop("words to type", "again"),
        lambda it, _: it.lesson.again(),
        N_("Again says the step again, and sets up its run."),
    ),
    "next": Command(
        pgettext_noop("words to type", "next"),
        lambda it, _: it.go_on(),
        N_("Next goes on, as Enter alone does."),
        needs_lesson=False,
    ),
    "previous": Command(
        pgettext_noop("words to type", "previous prev"),
        lambda it, _: it.lesson.back(),
        N_("Previous says the step before; Enter leads on from it."),
    ),
    "answers": Command(
        pgettext_noop("words to type", "answers"),
        lambda it, _: it.lesson.answers(),
        N_("Answers tells your answers, and the right ones."),
    ),
    "list": Command(
        pgettext_noop("words to type", "list lessons"),
        lambda it, _: it.list(),
        N_("List tells the lessons, and how far you are."),
        needs_lesson=False,
    ),
    "lesson": Command(
        pgettext_noop("words to type", "lesson"),
        lambda it, rest: it.choose(rest),
        N_("Lesson 2 goes to that lesson."),
        takes=True,
        needs_lesson=False,
    ),
    "anew": Command(
        pgettext_noop("words to type", "anew"), lambda it, _: it.anew(), N_("Anew begins this lesson once more.")
    ),
    "join": Command(
        pgettext_noop("words to type", "join"),
        lambda it, _: it.join(),
        N_("Join goes to the question of the class."),
        needs_lesson=False,
    ),
    "go": _of_run(
        pgettext_noop("words to type", "go play"),
        lambda run, rest: run.play(_count(rest) if rest else None),
        N_("Go trains to the end of the run, go 10 trains 10 epochs."),
        takes=True,
    ),
    "step": _of_run(
        pgettext_noop("words to type", "step n"),
        lambda run, rest: run.step(_count(rest)),
        N_("Step makes one update, step 5 makes 5."),
        takes=True,
    ),
    "back": _of_run(
        pgettext_noop("words to type", "back"),
        lambda run, rest: run.step(-_count(rest)),
        N_("Back goes back one update, back 5 goes back 5."),
        takes=True,
    ),
    "to": _of_run(
        pgettext_noop("words to type", "to"),
        RunDialogue.to,
        N_("To 14 goes to after epoch 14, to 15:3 three updates later."),
        takes=True,
    ),
    "rate": _of_run(
        pgettext_noop("words to type", "rate lr l"),
        lambda run, rest: run.change(f"lr {rest}"),
        N_("Rate 1.6 begins the run anew at that learning rate."),
        takes=True,
    ),
    "set": _of_run(
        pgettext_noop("words to type", "set"),
        RunDialogue.change,
        N_("Set batch 16 begins it anew with another setting."),
        takes=True,
    ),
    "preset": _of_run(
        pgettext_noop("words to type", "preset"),
        lambda run, rest: run.begin(rest),
        N_("Preset article begins the run of that preset."),
        takes=True,
    ),
    "restart": _of_run(
        pgettext_noop("words to type", "restart r"), lambda run, _: run.restart(), N_("Restart begins the run again.")
    ),
    "where": _of_run(
        pgettext_noop("words to type", "where"),
        lambda run, _: run.where(),
        N_("Where tells how far the run is, the losses, and a, b and c."),
    ),
    "more": _of_run(
        pgettext_noop("words to type", "more"),
        lambda run, _: run.more(),
        N_("More tells all that happened in a run of a lesson."),
    ),
    "update": _of_run(
        pgettext_noop("words to type", "update"),
        lambda run, _: run.update(),
        N_("Update tells the numbers of the last update."),
    ),
    "settings": _of_run(
        pgettext_noop("words to type", "settings"),
        lambda run, _: run.settings(),
        N_("Settings tells the settings of the run."),
    ),
    "why": _of_run(
        pgettext_noop("words to type", "why i"),
        lambda run, _: run.why(),
        N_("Why tells what to expect of the run, and why."),
    ),
    "help": Command(
        pgettext_noop("words to type", "help ?"),
        lambda it, _: it.help(),
        N_("Help tells all this."),
        needs_lesson=False,
    ),
    "quit": Command(
        pgettext_noop("words to type", "quit q exit bye"),
        lambda it, _: it.leave(),
        N_("Quit leaves; come back at any time."),
        needs_lesson=False,
    ),
}
WORDS = {name: command.words for name, command in COMMANDS.items()} | {"go 1": pgettext_noop("words to type", "e")}
