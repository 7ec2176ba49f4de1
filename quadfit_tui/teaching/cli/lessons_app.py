"""Takes lessons in the app, or by lines on standard input and output (`lessons play`); their options."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import IO, TYPE_CHECKING

import click

from quadfit_tui.cli.annex import Values
from quadfit_tui.cli.exit_codes import FALSE_FACTS, INTERRUPTED, OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe, interruptible
from quadfit_tui.cli.output.output_file import open_output
from quadfit_tui.cli.output.printing import NAME, knows_unicode, print_error
from quadfit_tui.cli.parsing.help import GroupedHelpCommand
from quadfit_tui.cli.parsing.options import confined_options, refuse, typed_option_names
from quadfit_tui.cli.user_folders import data_folder
from quadfit_tui.core.files import access, protected_files, refusals
from quadfit_tui.core.files.protected_files import ProtectedFolder
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import quoted, with_allowed, with_problem
from quadfit_tui.teaching.cli.lessons_class import class_folders, classroom_of, taught_class
from quadfit_tui.teaching.cli.lessons_command import LESSON_EXIT_CODES, catalog_of, lesson_named, tell_faults
from quadfit_tui.teaching.cli.lessons_options import lesson_argument, taking_options

# Modules that load Textual, NumPy or the Markdown parser are imported by the functions that need them.
if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import WriteLines
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.teaching.course.transcript import Transcript
    from quadfit_tui.teaching.dialogue.dialogue import Dialogue
    from quadfit_tui.teaching.notation.lesson import Lesson
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.teaching import Teaching

_LONGEST_LINE = 1000  # maximum length of a line of input, in characters; the rest is ignored
_EXAMPLES = (
    (f"{NAME} lessons play", N_("choose from the list of lessons")),
    (f"{NAME} lessons play rate", N_("a lesson by its name or number")),
    (f"{NAME} lessons play my-lesson.md", N_("a lesson of your own")),
)


def by_lines(values: Values) -> Callable[[RunSession], int]:
    """Returns the function that runs the dialogue instead of the app; raises a usage error for options it ignores."""
    template = N_(
        "a terminal with TERM=dumb has the run and the lessons by lines, which take no {option}; "
        "use '{program} run' to train"
    )
    if values["spoken"]:
        template = N_(
            "--spoken has the run and the lessons by lines, which take no {option}; use '{program} run' to train"
        )
    for param in click.get_current_context().command.params:  # options for output and screen have no effect here
        if param.name == "no_settings":  # the dialogue has no settings anyway
            continue
        if param.name in typed_option_names() and getattr(param, "group", "") in ("screen", "output"):
            raise click.UsageError(_(template).format(option=param.opts[-1], program=NAME))
    arguments = {name: values[name] for name in ("folder", "room", "no_record", "record", "teacher")}

    return lambda session: int(
        click.get_current_context().invoke(play, name=values["lesson"], scene=session, **arguments)
    )


def on_app(values: Values) -> Callable[[QuadfitApp], Teaching]:
    """Returns the function that creates the app's Teaching by the options; raises a usage error if they are invalid.

    The lessons of the program are loaded when they are first needed.
    """
    name, folder, students, shows_notes = (values[key] for key in ("lesson", "folder", "students", "teacher"))
    room = classroom_of(values["room"])
    taught = taught_class(room, students) if room is not None and shows_notes else None
    if room is not None:
        protected_files.register_protected("class", partial(class_folders, room, taught))
    catalog = None if name is None and folder is None else catalog_of(folder)
    first = lesson_named(name, catalog, "--lesson") if name is not None and catalog is not None else None

    def known() -> Sequence[Lesson]:
        return (catalog or catalog_of(None)).lessons

    transcript = _transcript_in(values["record"], values["no_record"])

    def teach(app: QuadfitApp) -> Teaching:
        from quadfit_tui.teaching.ui.lesson_commands import Lessons
        from quadfit_tui.teaching.ui.library import LessonSetup

        library = LessonSetup(
            known,
            transcript,
            first,
            lambda lesson: folder is None and lesson in known(),
            shows_notes and taught is None,  # with a class, the screen is projected: `lessons watch` shows the notes
            taught,
        )
        return Lessons(app, library, room)

    return teach


def _transcript_in(folder: str | None, no_record: bool) -> Callable[[], Transcript]:
    """Returns the function that opens the user's transcript, in `folder`, by default at its usual place.

    With `no_record` nothing is written. Raises a usage error if there is no such folder.
    """
    if folder is not None:
        if no_record:
            template = _("{option} cannot be combined with {other}")
            raise click.UsageError(template.format(option="--record", other="--no-record"))
        try:
            os.close(access.open_folder(folder, anywhere=True))
        except OSError as failure:
            problem = with_problem(quoted(folder), refusals.read_error(failure))
            refuse("--record", with_allowed(problem, _("an existing directory")))
        protected_files.register_protected(
            "record", lambda: [ProtectedFolder(folder, _("your answers to lessons are kept there"))]
        )

    def transcript() -> Transcript:
        from quadfit_tui.teaching.course.transcript import Transcript, default_location, location_in

        if no_record:
            return Transcript(None)
        return Transcript(default_location(data_folder()) if folder is None else location_in(folder))

    return transcript


@click.command(
    "play",
    cls=GroupedHelpCommand,
    params=[*taking_options(by_lines=True), *confined_options()],
    examples=_EXAMPLES,
    exit_codes=((f"{OK}", N_("you left, or the input ended")), *LESSON_EXIT_CODES),
    help=N_("Take lessons line by line, with commands in words. Your answers are recorded."),
)
@lesson_argument(required=False)
def play(
    name: str | None,
    folder: str | None,
    room: str | None,
    no_record: bool,
    record: str | None,
    teacher: bool,
    scene: RunSession | None = None,
) -> int:
    """Conducts lessons as a dialogue of lines (`lessons play`); returns the exit code.

    `scene` is the session of the run if the dialogue replaces the app.
    """
    if sys.stdin is None:
        raise click.UsageError(_("standard input is closed; open it"))
    from quadfit_tui.teaching.dialogue.dialogue import Dialogue
    from quadfit_tui.teaching.dialogue.run_dialogue import RunDialogue
    from quadfit_tui.teaching.judging.check import check

    make_transcript = _transcript_in(record, no_record)
    catalog, classroom = catalog_of(folder), classroom_of(room)
    known = {packaged.digest for packaged in catalog.lessons} if folder is None else set()  # they are checked already
    lesson = None if name is None else lesson_named(name, catalog)
    if lesson is not None and lesson.digest not in known:
        if faults := check(lesson):
            tell_faults(name or lesson.file_name, faults)
            return FALSE_FACTS
        known.add(lesson.digest)
    transcript = make_transcript()
    run = None if scene is None else RunDialogue(scene)
    dialogue = Dialogue(
        catalog, transcript, known=frozenset(known), shows_notes=teacher, classroom=classroom, scene=run
    )
    access.forbid_blocking()  # files named in the dialogue must not block it
    exit_on_broken_pipe()
    try:
        return _converse(dialogue, lesson, classroom is not None)
    finally:
        if unrecorded := transcript.finish():
            print_error(f"{NAME}: {unrecorded}")


def _converse(dialogue: Dialogue, lesson: Lesson | None, has_class: bool) -> int:
    """Conducts a dialogue on standard input and output; returns the exit code."""
    with open_output(None) as put:
        try:
            with interruptible():
                _say(put, dialogue.begin(lesson))
                for line in _lines_and_pauses(sys.stdin.fileno()) if has_class else _lines(sys.stdin):
                    _say(put, dialogue.refresh() if line is None else dialogue.handle_line(line))
                    if dialogue.is_over:
                        return OK
        except KeyboardInterrupt:
            _say(put, dialogue.leave())
            return INTERRUPTED
        _say(put, dialogue.leave())
    return OK


def _say(put: WriteLines, texts: Iterable[str]) -> None:
    """Writes sentences of the dialogue as lines, each as soon as it is available."""
    from quadfit_tui.core.text.ascii import ascii_of
    from quadfit_tui.core.text.sentences import lines_to_hear

    spell = str if knows_unicode(sys.stdout) else ascii_of
    for text in texts:
        put(lines_to_hear(text, spell))


def _lines(stream: IO[str]) -> Iterator[str]:
    """Yields lines of standard input; only the beginning of one that is too long."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    while line := stream.readline(_LONGEST_LINE):
        rest = line
        while rest and not rest.endswith("\n"):
            rest = stream.readline(_LONGEST_LINE)
        yield line


def _lines_and_pauses(descriptor: int) -> Iterator[str | None]:
    """Yields lines of standard input, and None whenever it is time to look where the class is.

    Of a line that is too long, it yields only the beginning.
    """
    from select import select

    from quadfit_tui.teaching.classroom.classroom import INTERVAL

    pending = b""
    yield None
    while True:
        if not select([descriptor], [], [], INTERVAL)[0]:
            yield None
            continue
        read = os.read(descriptor, _LONGEST_LINE)
        *lines, rest = (pending + read).split(b"\n")
        pending = rest[:_LONGEST_LINE]
        if not read and rest:
            lines.append(rest)
        yield from (line[:_LONGEST_LINE].decode(errors="replace") for line in lines)
        if not read:
            return
