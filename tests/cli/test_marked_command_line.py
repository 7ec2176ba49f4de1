"""Each text of help, of refusals and of sweeps is looked up: in a language that marks its texts each has a mark."""

import re

import click
import pytest
from pseudo_locale import outside, pseudo_locale

from quadfit_tui.cli.parsing.help import GroupedHelpCommand
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.explain.manual import pages
from quadfit_tui.core.export.formats import EXPORTERS
from quadfit_tui.core.model.piecewise import done
from quadfit_tui.core.session.playback import SPEEDS, Unit
from quadfit_tui.main import cli
from quadfit_tui.sweeps.axes import values
from quadfit_tui.sweeps.cli.sweep_progress import STYLES
from quadfit_tui.sweeps.engines.engine import results
from quadfit_tui.sweeps.head import Head
from quadfit_tui.sweeps.pictures.loss_bands import loss_bands
from quadfit_tui.sweeps.pictures.sweep_line import sweep_line
from quadfit_tui.sweeps.pictures.sweep_map import sweep_map
from quadfit_tui.sweeps.rows import Rows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.summary import summary
from quadfit_tui.sweeps.work import Work
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.places import PLACES
from quadfit_tui.teaching.notation.vocabulary import FUNCTIONS, MOMENT_FACTS, RUN_FACTS
from quadfit_tui.ui.views.view_table import VIEWS

# What somebody typed, or is to type: words in quotes, options, what stands for their values, commands; what click says.
_TYPED = re.compile(
    r"'[^']*'|\"[^\"]*\"|(?<![\w-])--?[a-z][\w-]*|\b[A-Z][A-Z]+\b|\.[a-z]+\b|(/[\w*]+)+|^quadfit-tui (?!.*⟦).*|"
    r"Invalid value for|Missing argument|Got unexpected extra argument|Option|"
    r"requires an argument|Positional arguments",
    re.MULTILINE,
)
_NAMES = (
    *("quadfit-tui", *EXPORTERS, "csv", *STYLES, "json", "table"),
    *(*VIEW_NAMES, *SPEEDS, *Unit, "auto", "utf-", "latin-", "none", "log", "far"),
)
_OF_REFUSALS = (
    *(*cli.commands, "preset", "nothing"),
    *pages(),
    *(lesson.id for lesson in Catalog.packaged().lessons),
    *(part for words in VIEWS["surface"].options.values() for word in words for part in word.split()),
)
FACTS = (*RUN_FACTS, *MOMENT_FACTS, *FUNCTIONS, *PLACES)


def left_over(text, *names):
    """The words of a text that were not looked up and that nobody types."""
    return outside(_TYPED.sub(" ", text), (*_NAMES, *names))


@pytest.fixture(autouse=True)
def _marked():
    with pseudo_locale():
        yield


def commands(command=cli, context=None):
    context = click.Context(command, context, info_name=command.name, **command.context_settings)
    yield context
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from commands(below, context)


@pytest.mark.parametrize("context", commands(), ids=lambda context: context.command_path)
def test_help(context):
    command = context.command
    assert isinstance(command, GroupedHelpCommand)
    records = [param.get_help_record(context) for param in command.params]
    rows = [*command._examples, *command._exit_codes]
    told = [about for _name, about in filter(None, records)]
    told += [command.help, command.epilog or ""]
    assert all("⟦" in about for about in told if about)
    headings = re.findall(r"^(⟦.*⟧:)$", command.get_help(context), re.MULTILINE)
    assert len(headings) >= bool(rows)
    assert [text for text in [*told, *headings] if left_over(text)] == []
    for name, _about in rows:
        assert name in command.get_help(context)


REFUSED = (
    "run --lrr 1",
    "run --lr",
    "run --lr 1,000",
    "run --quiet --every 2",
    "run --width 40",
    "run --ascii",
    "run --head",
    "run --with-config -f csv",
    "run --theme light",
    "run --plot -f csv",
    "run --plot fti",
    "run --plot surface:nea",
    "run --plot -o a.svg --every 2",
    "run -o a.xlsx",
    "run --plot -o a.csv.gz",
    "run --explain 0:1 -f csv",
    "run --explain 0:1 -o a.svg",
    "run --explain 0:1 -o a.csv",
    "run --at 9999",
    "run --at 1 --quiet",
    "run --momentum 0.5",
    "run --skip 1",
    "run --data-sha256 " + 64 * "0",
    "run -d - -c -",
    "run -d nothing.csv",
    "run -c nothing.toml",
    "run -p momentun",
    "run -o nowhere/a.csv",
    "run words",
    "rnu",
    "--epoch 3 run",
    "--lr 2 run",
    "--format csv",
    "--output -",
    "--data -",
    "--trained-to 5",
    "--at 5 --play",
    "--students x",
    "--lesson rate --lr 1",
    "--sweep -",
    "--sweep nothing.csv",
    "--spoken --fps 3",
    "--spoken --lesson rat",
    "presets -f xml",
    "manual kyes",
    "sweep --lr 0.1",
    "sweep --lr 0.1:2 -o a.csv",
    "sweep --lr x:2:3 -o a.csv",
    "sweep --lr 2:1:3 -o a.csv",
    "sweep --lr 0:1:3log -o a.csv",
    "sweep --lr 1:2:x -o a.csv",
    "sweep --lr 1,2,3 -o a.csv",
    "sweep --lr 0.1 -o - --plot",
    "sweep --lr 0.1 -o - --resume",
    "sweep --lr 0.1 -o a.svg",
    "sweep --lr 0.1 -o a.txt",
    "sweep --lr 0.1 --random 9 --dry-run",
    "sweep --seed 1 --seed 2 --seeds 3 --dry-run",
    "sweep --momentum 0.5 --momentum 0.6 --dry-run",
    "sweep --from nothing.csv --plot",
    "sweep --from nothing.csv",
    "sweep --lr 0.1 --scheduler x -o a.csv",
    "lessons check --against a.md",
    "lessons check a.md",
    "lessons report . --words -f csv --as-root",
    "lessons report . --since x --as-root",
    "lessons report . --since 2026-01-02 --until 2026-01-01 --as-root",
    "lessons report . --names nothing.csv --as-root",
    "lessons report nothing --as-root",
    "lessons watch nothing --as-root",
    "lessons new A",
    "lessons new a --columns x,y",
    "lessons play nothing",
    "lessons handout",
)


@pytest.mark.parametrize("line", REFUSED)
def test_refusals(call, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _out, err = call(*line.split())
    assert code != 0
    assert err.startswith("quadfit-tui: ")
    assert "⟦" in err
    assert left_over(err, *_OF_REFUSALS) == []


def test_commands_that_do_something(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = [
        call("run", "--lr", "0.1", "-n", "3", "-o", "a.csv", "--require", "optimum")[2],
        call("run", "--lr", "5", "--quiet")[2],
        call("run", "--lr", "5", "--quiet", "-f", "spoken")[2],
        *call("presets")[1:],
        *call("lessons", "facts")[1:],
        *call("lessons", "new", "ours")[1:],
    ]
    names = (*FACTS, *["and", "or", "not", "slow", "fast", "ours", "optimum", "beta"])
    assert sorted({word for text in told for word in left_over(text, *names)}) == []


def test_a_sweep_on_the_command_line(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    axes = ["--lr", "0.1:5:3", "--seeds", "2", "--optimizer", "momentum", "--optimizer", "sgd", "--momentum", "0:0.9:2"]
    told = [
        *call("sweep", *axes, "--dry-run")[1:],
        *call("sweep", *axes, "-n", "5", "-o", "a.csv")[1:],
        *call("sweep", *axes, "-n", "6", "-o", "a.csv", "--resume")[1:],
        *call("sweep", "--batch", "1", "--batch", "900", "--samples", "5:1000:2", "--dry-run")[1:],
        *call("sweep", "--batch", "1", "--batch", "2", "--plot", "-n", "2")[2:],
    ]
    assert all("⟦" in text for text in told if text)
    assert [text for text in told if left_over(text)] == []


def test_pictures_of_a_sweep():
    axes = {"lr": values("lr", "0.1:5:4"), "optimizer": ("momentum", "sgd"), "momentum": (0.5, 0.9), "seed": (1, 2, 3)}
    told = list[str]()
    for draw, names in (
        (sweep_map, [*axes]),
        (sweep_line, ["lr", "seed"]),
        (lambda space, rows: done(loss_bands(space, rows)), ["optimizer", "seed"]),
    ):
        space = Space(RunConfig(epochs=5, noise=0.5), {name: axes[name] for name in names})
        rows = Rows.joined([*results(Work(space), range(len(space)), jobs=1)])
        told += [*space.left_out, *summary(Work(space), rows)[:-1], *draw(space, rows).notes]
    assert len(told) > 8
    assert [text for text in told if left_over(text)] == []


def test_what_differs_between_sweeps():
    one = Head.of(Space(RunConfig(), {"lr": (0.1, 0.2), "batch": (1, 2)}))
    two = Head.of(Space(RunConfig(epochs=7, optimizer="adam"), {"lr": (0.1, 0.3), "samples": (5, 6, 7)}), random=2)
    three = Head.of(Space(RunConfig(), {"batch": (1, 2, 3), "lr": (0.1, 0.2)}))
    told = [*one.differences(two), *two.differences(one), *one.differences(three)]
    assert len(told) > 8
    assert [text for text in told if left_over(text, "lr", "batch")] == []


def test_why_a_row_failed_is_english_in_any_language(tmp_path):
    """Files are the same in every language."""
    space = Space(RunConfig(data=str(tmp_path / "nothing.csv")), {"lr": (0.1, 0.2)})
    rows = Work(space).train([0, 1])
    assert len(rows.errors) == 2
    assert not any("⟦" in why for why in rows.errors.values())
