"""The command `serve`: the app in a browser, a session of its own for each page."""

from __future__ import annotations

import errno
import gc
import json
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.app_terminal import refuse_without_posix
from quadfit_tui.cli.crash_report import report
from quadfit_tui.cli.exit_codes import BAD_INPUT, CRASH, CRASHED
from quadfit_tui.cli.interrupts import exit_code_of, signals_as_interrupts
from quadfit_tui.cli.output.printing import NAME, print_error, print_lines
from quadfit_tui.cli.parsing.combinations import check_together
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, HelpArgument, TableOption, refuse_closed_output
from quadfit_tui.cli.parsing.option_types import Duration, FileName, ParameterType
from quadfit_tui.cli.parsing.options import read_option_file, refuse
from quadfit_tui.cli.status_line import StatusLine
from quadfit_tui.core.config.value_types import Choice, Integer
from quadfit_tui.core.files import refusals
from quadfit_tui.core.files.class_records import MOST_BYTES
from quadfit_tui.core.text.language import N_, _, current_language
from quadfit_tui.core.text.quoting import quoted, with_allowed, with_problem
from quadfit_tui.serve.cli.serve_entry import COMBINATIONS, SERVE

# What loads asyncio's server and websockets is imported by the functions that need it.
if TYPE_CHECKING:
    import socket

    from quadfit_tui.serve.command import SessionCommand
    from quadfit_tui.serve.processes.process import Start
    from quadfit_tui.serve.requests import File
    from quadfit_tui.serve.status import ServerStats
    from quadfit_tui.serve.students import Student

_EXAMPLES = (
    (f"{NAME} serve", N_("on this machine alone, at an address that it prints")),
    (f"{NAME} serve --host 0.0.0.0 --lesson 1", N_("a class: whoever is given the address has the lesson open")),
    (
        f"{NAME} serve --origin https://fit.example.edu",
        N_("behind a proxy, which has TLS and passes that address on"),
    ),
    (f"{NAME} serve -- --preset noisy --view loss", N_("options of the app, for each page")),
    (f"{NAME} serve --file class.csv -- --data class.csv", N_("a file of yours, for each page")),
)
_EXIT_CODES = (
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input, or an address that cannot be used; one line says what is allowed")),
    ("128 + n", N_("ended by signal n, as by ctrl+c, with all of its pages")),
)
_GARBAGE = (700, 10, 10)  # as Python has it: a server lasts, and each page leaves some, unlike what a command does
_WEBSOCKETS = (17, 4)  # older ones let a page send a message in fragments without end
_STYLES = ("auto", "jsonl", "none")
_option = partial(click.option, cls=TableOption)


@click.command(
    "serve",
    cls=GroupedHelpCommand,
    examples=_EXAMPLES,
    exit_codes=_EXIT_CODES,
    help=SERVE.help,
)
@_option(
    "--host",
    metavar="NAME",
    default="127.0.0.1",
    help=N_("address or name to be reached at; any but those of this machine alone need a token [127.0.0.1]"),
)
@_option(
    "--port",
    type=ParameterType(Integer(0, 65535)),
    default=8000,
    help=N_("port to be reached at; 0: any that is free [8000]"),
)
@_option(
    "--origin",
    metavar="URL",
    help=N_("the address of a proxy in front, as browsers have it: https://fit.example.edu"),
)
@_option(
    "--most",
    type=ParameterType(Integer(1, 1000)),
    default=40,
    help=N_("most pages that have the app at the same time [40]"),
)
@_option(
    "--idle",
    type=ParameterType(Duration()),
    default="15m",
    help=N_("time after which a page where nothing is typed loses the app: 90s, 15m, 2h, or never [15m]"),
)
@_option("--lesson", metavar="NAME", help=N_("lesson to open in each page, by name or number, or a file"))
@_option(
    "--file",
    "given",
    type=FileName(),
    multiple=True,
    metavar="FILE",
    help=N_("file that each page finds in its directory, for the options after --; repeat it for more"),
)
@_option(
    "--names",
    type=FileName(),
    metavar="FILE",
    help=N_("a class: a CSV file with a column name; each name has an address of its own"),
)
@_option(
    "--records",
    type=FileName(),
    metavar="DIR",
    help=N_("with --names: directory where the answers of each name to lessons are recorded"),
)
@_option(
    "--progress",
    type=ParameterType(Choice(_STYLES)),
    default=_STYLES[0],
    help=N_(
        "what standard error tells: auto: on a terminal, how many pages are open; "
        "jsonl: an object a line for programs; or none [auto]"
    ),
)
@_option(
    "--assets",
    type=FileName(),
    metavar="DIR",
    help=N_("folder with xterm.js and a font of a distribution, in place of those that are installed along"),
)
@click.argument(
    "options",
    cls=HelpArgument,
    metavar="[-- OPTIONS]",
    nargs=-1,
    type=click.UNPROCESSED,
    help=N_("options of the app, for each page"),
)
def serve(
    host: str,
    port: int,
    origin: str | None,
    most: int,
    idle: float,
    lesson: str | None,
    given: tuple[str, ...],
    names: str | None,
    records: str | None,
    progress: str,
    assets: str | None,
    options: tuple[str, ...],
) -> int:
    """Serves the app to browsers until a signal ends it; returns the exit code."""
    refuse_closed_output()
    refuse_without_posix()
    _refuse_without_web()
    from quadfit_tui.serve.command import SessionCommand
    from quadfit_tui.serve.processes.forks import ForkServer
    from quadfit_tui.serve.server import ServerOptions, is_loopback, new_token, run, url_of

    check_together(COMBINATIONS["serve"], {"--records DIR": records, "--names FILE": names})
    contents = dict(read_option_file("--file", path, _("a file")) for path in given)
    if len(contents) < len(given):
        refuse("--file", _("two files have the same name; allowed: each name once"))
    if lesson is not None and lesson.endswith(".md"):
        lesson, content = read_option_file("--lesson", lesson, _("a lesson file"))
        contents[lesson] = content
    of_app = (*(() if lesson is None else ("--lesson", lesson)), *options)
    public = "" if origin is None else _public(origin)
    files, page = _files(assets)
    unrecorded = [name for name in ("--no-record",) if _is_of_app(name)]
    listening = _bound(host, port)
    start = click.get_current_context().with_resource(ForkServer())
    if of_app or names:
        try:
            with signals_as_interrupts():
                _refuse_unusable(start, SessionCommand(of_app, contents, {"": ""} if names else {}, unrecorded))
        except KeyboardInterrupt as ended:
            return exit_code_of(ended)
    students = _students(names, records)  # only now, since it makes the folders of the class
    command = SessionCommand(of_app, contents, {student.name: student.folder for student in students}, unrecorded)
    tokens = {student.token: student.name for student in students}
    is_open = is_loopback(listening) and not public
    if not (tokens or is_open):
        tokens = {new_token(): ""}
    served = ServerOptions(
        start, most, idle, command, files, page, tokens, public, os.path.abspath(records) if records else ""
    )

    def begun() -> None:
        urls = {token: url_of(listening, host, public, token) for token in tokens or [""]}
        print_lines([f"{tokens[token]}\t{url}" if students else url for token, url in urls.items()])
        for warning in _warnings(is_open or public.startswith("https:"), len(students), most):
            notice(f"{NAME}: {warning}")

    line = StatusLine(progress == "auto")

    def notice(message: str) -> None:
        line.clear()
        print_error(json.dumps({"notice": message}) if progress == "jsonl" else message)

    def tell(status: ServerStats) -> None:
        if progress == "jsonl":
            print_error(json.dumps(status.record))
        else:
            line.show(status.line)

    gc.freeze()  # what is loaded stays
    gc.set_threshold(*_GARBAGE)
    try:
        number = run(
            listening,
            host,
            served,
            begun=begun,
            tell=tell,
            warn=lambda message: notice(f"{NAME}: {message}"),
            fault=lambda failure: notice(report(failure)),
        )
    finally:
        line.clear()
    return 128 + number


def _warnings(is_private: bool, names: int, most: int) -> Iterator[str]:
    """Yields warnings for the teacher or operator; `names` is how many students a recorded class has."""
    if not is_private:
        yield _("what pages show and people type is not encrypted; for that, put a proxy with TLS in front")
    if names > most:
        template = _("the class has {n} names, but --most is {most}; use --most {n} to give everyone a place")
        yield template.format(n=names, most=most)
    if names and os.geteuid() == 0:
        yield _("'lessons report', 'lessons watch' and --teacher refuse root; serve under the account of the teacher")


def _refuse_without_web() -> None:
    """Raises a usage error if websockets is not installed, or too old."""
    template = _("'serve' takes websockets {version} or newer (pip install '.[web]' in a clone of the repository)")
    needed = template.format(version=".".join(map(str, _WEBSOCKETS)))
    try:
        if tuple(map(int, version("websockets").split(".")[:2])) < _WEBSOCKETS:
            raise click.UsageError(needed)
        import quadfit_tui.serve.server  # noqa: F401
    except ModuleNotFoundError as missing:  # or PackageNotFoundError
        if missing.name != "websockets":
            raise
        raise click.UsageError(needed) from None


def _public(url: str) -> str:
    """Returns the origin of a proxy's URL; raises a usage error if it is none."""
    from quadfit_tui.serve.server import read_origin

    origin = read_origin(url)
    if origin is None:
        problem = _("{url} is not the address of a server").format(url=quoted(url))
        refuse("--origin", with_allowed(problem, _("https:// or http:// and a name, without a path")))
    return origin


def _files(assets: str | None) -> tuple[Mapping[str, File], Callable[[str], bytes]]:
    """Returns the files of the page, and the function that renders it by language; raises a usage error."""
    from quadfit_tui.serve.page import MissingAssetsError, files, page

    try:
        return files(None if assets is None else Path(assets)), page
    except MissingAssetsError as refused:
        raise click.UsageError(str(refused)) from None


def _bound(host: str, port: int) -> socket.socket:
    """Returns a socket that listens at an address; raises a usage error that names the option to change."""
    from quadfit_tui.serve.server import bind

    try:
        return bind(host, port)
    except (OSError, UnicodeError) as failure:
        if isinstance(failure, OSError) and failure.errno in (errno.EADDRINUSE, errno.EACCES):
            problem = (
                _("'{port}' is in use") if failure.errno == errno.EADDRINUSE else _("'{port}' is not yours to use")
            )
            refuse("--port", with_allowed(problem.format(port=port), _("another one; 0 is any that is free")))
        problem = with_problem(quoted(host), _("is no address or name of this machine"))
        refuse("--host", with_allowed(problem, _("such as 127.0.0.1, localhost, 0.0.0.0 for all of them")))


def _is_of_app(option: str) -> bool:
    """Whether the app knows an option; without the annex of lessons it lacks theirs."""
    return any(option in param.opts for param in click.get_current_context().find_root().command.params)


def _students(names: str | None, records: str | None) -> list[Student]:
    """Enrolls the students of a class, if there is one; raises a usage error about its names or records."""
    if names is None or records is None:
        return []
    from quadfit_tui.core.model.name_tables import TableError, class_names
    from quadfit_tui.serve.students import enroll

    _name, content = read_option_file("--names", names, _("a CSV file"), MOST_BYTES)
    try:
        students = class_names(content)
    except TableError as refused:
        refuse("--names", with_problem(quoted(names), str(refused)))
    try:
        return enroll(students, records)
    except OSError as failure:
        problem = with_problem(quoted(records), _("cannot be used: {problem}").format(problem=refusals.reason(failure)))
        refuse("--records", with_allowed(problem, _("a directory, existing or new, that only you can write to")))


def _refuse_unusable(start: Start, command: SessionCommand) -> None:
    """Raises a usage error, in the app's own words, if the app does not open with the options of pages."""
    from quadfit_tui.serve.trial import output_of

    if (output := output_of(start, command, current_language())) is not None:
        lines = [line for line in output.splitlines() if line.startswith(f"{NAME}: ")]
        if not lines:
            problem = _("{options} after -- does not start the app").format(options=quoted(" ".join(command.options)))
            raise click.UsageError(with_allowed(problem, _("options of the app")))
        raise click.UsageError(lines[-1].removeprefix(f"{NAME}: "))
