"""The table of commands of lessons by lines: the words to type for each, its function, its line of the help."""

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
    """Parses the number behind a command, 1 if it is left out; raises ValueError if it is none."""
    try:
        return _COUNT.parse(text or "1")
    except ValueError:
        raise ValueError(_("{text} is no count; an example is go 10").format(text=quoted(text))) from None


class Command(NamedTuple):
    """A command: its words to type, its function, and its sentence of the help.

    Words and help are marked for translation. Blanks divide the words; the first is the preferred one, keys of the app
    are among them. `takes`: whether a value may follow.
    """

    words: str
    do: Callable[[Any, str], Sentences]  # takes a Dialogue, which imports this table, and the value
    help: str
    takes: bool = False
    needs_lesson: bool = True
    is_of_run: bool = False


def _run_command(words: str, do: Callable[[RunDialogue, str], Sentences], help: str, takes: bool = False) -> Command:
    """Makes a command on the open run; `do` takes its RunDialogue and the value."""
    return Command(words, lambda dialogue, rest: do(dialogue.run, rest), help, takes, is_of_run=True)


COMMANDS: dict[str, Command] = {
    "answer": Command(
        pgettext_noop("words to type", "answer"),
        lambda dialogue, rest: dialogue.lesson.answer(rest),
        N_("Answer B gives the answer B; B alone does, too."),
        takes=True,
    ),
    "hint": Command(
        pgettext_noop("words to type", "hint h"),
        lambda dialogue, _: iter([dialogue.lesson.course.hint()]),
        N_("Hint gives a hint."),
    ),
    "skip": Command(
        pgettext_noop("words to type", "skip s"),
        lambda dialogue, _: dialogue.lesson.skip(),
        N_("Skip gives up a step, and tells its answer; type it twice."),
    ),
    "again": Command(
        pgettext_noop("words to type", "again"),
        lambda dialogue, _: dialogue.lesson.again(),
        N_("Again says the step again, and sets up its run."),
    ),
    "next": Command(
        pgettext_noop("words to type", "next"),
        lambda dialogue, _: dialogue.go_on(),
        N_("Next goes on, as Enter alone does."),
        needs_lesson=False,
    ),
    "previous": Command(
        pgettext_noop("words to type", "previous prev"),
        lambda dialogue, _: dialogue.lesson.back(),
        N_("Previous says the step before; Enter leads on from it."),
    ),
    "answers": Command(
        pgettext_noop("words to type", "answers"),
        lambda dialogue, _: dialogue.lesson.answers(),
        N_("Answers tells your answers, and the right ones."),
    ),
    "list": Command(
        pgettext_noop("words to type", "list lessons"),
        lambda dialogue, _: dialogue.list(),
        N_("List tells the lessons, and how far you are."),
        needs_lesson=False,
    ),
    "lesson": Command(
        pgettext_noop("words to type", "lesson"),
        lambda dialogue, rest: dialogue.choose(rest),
        N_("Lesson 2 goes to that lesson."),
        takes=True,
        needs_lesson=False,
    ),
    "anew": Command(
        pgettext_noop("words to type", "anew"),
        lambda dialogue, _: dialogue.anew(),
        N_("Anew begins this lesson once more."),
    ),
    "join": Command(
        pgettext_noop("words to type", "join"),
        lambda dialogue, _: dialogue.join(),
        N_("Join goes to the question of the class."),
        needs_lesson=False,
    ),
    "go": _run_command(
        pgettext_noop("words to type", "go play"),
        lambda run, rest: run.play(_count(rest) if rest else None),
        N_("Go trains to the end of the run, go 10 trains 10 epochs."),
        takes=True,
    ),
    "step": _run_command(
        pgettext_noop("words to type", "step n"),
        lambda run, rest: run.step(_count(rest)),
        N_("Step makes one update, step 5 makes 5."),
        takes=True,
    ),
    "back": _run_command(
        pgettext_noop("words to type", "back"),
        lambda run, rest: run.step(-_count(rest)),
        N_("Back goes back one update, back 5 goes back 5."),
        takes=True,
    ),
    "to": _run_command(
        pgettext_noop("words to type", "to"),
        RunDialogue.to,
        N_("To 14 goes to after epoch 14, to 15:3 three updates later."),
        takes=True,
    ),
    "rate": _run_command(
        pgettext_noop("words to type", "rate lr l"),
        lambda run, rest: run.change(f"lr {rest}") if rest else run.rate(),
        N_("Rate 1.6 begins the run anew at that learning rate."),
        takes=True,
    ),
    "set": _run_command(
        pgettext_noop("words to type", "set"),
        RunDialogue.change,
        N_("Set batch 16 begins it anew with another setting."),
        takes=True,
    ),
    "preset": _run_command(
        pgettext_noop("words to type", "preset"),
        lambda run, rest: run.begin(rest),
        N_("Preset article begins the run of that preset."),
        takes=True,
    ),
    "restart": _run_command(
        pgettext_noop("words to type", "restart r"), lambda run, _: run.restart(), N_("Restart begins the run again.")
    ),
    "where": _run_command(
        pgettext_noop("words to type", "where"),
        lambda run, _: run.where(),
        N_("Where tells how far the run is, the losses, and a, b and c."),
    ),
    "more": _run_command(
        pgettext_noop("words to type", "more"),
        lambda run, _: run.more(),
        N_("More tells all that happened in a run of a lesson."),
    ),
    "update": _run_command(
        pgettext_noop("words to type", "update"),
        lambda run, _: run.update(),
        N_("Update tells the numbers of the last update."),
    ),
    "settings": _run_command(
        pgettext_noop("words to type", "settings"),
        lambda run, _: run.settings(),
        N_("Settings tells the settings of the run."),
    ),
    "why": _run_command(
        pgettext_noop("words to type", "why i"),
        lambda run, _: run.why(),
        N_("Why tells what to expect of the run, and why."),
    ),
    "help": Command(
        pgettext_noop("words to type", "help ?"),
        lambda dialogue, rest: dialogue.help(rest),
        N_("Help tells the commands."),
        takes=True,
        needs_lesson=False,
    ),
    "quit": Command(
        pgettext_noop("words to type", "quit q exit bye"),
        lambda dialogue, _: dialogue.leave(),
        N_("Quit leaves; come back at any time."),
        needs_lesson=False,
    ),
}
WORDS = {name: command.words for name, command in COMMANDS.items()} | {
    "go 1": pgettext_noop("words to type", "e"),
    "help run": pgettext_noop("words to type", "commands"),  # some languages have no blank between two words
}
