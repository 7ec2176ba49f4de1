"""Each text of sweeps is looked up: in a language that marks its texts each has a mark."""

import pytest
from looked_up import check_refusal, left_over_of_command
from pseudo_locale import pseudo_locale

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.main import cli
from quadfit_tui.sweeps.axes import values
from quadfit_tui.sweeps.engines.engine import results
from quadfit_tui.sweeps.head import SweepHeader
from quadfit_tui.sweeps.pictures.loss_bands import loss_bands
from quadfit_tui.sweeps.pictures.sweep_line import sweep_line
from quadfit_tui.sweeps.pictures.sweep_map import sweep_map
from quadfit_tui.sweeps.rows import ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.summary import summary
from quadfit_tui.sweeps.work import SweepJob

# Names of an option's values, of what was typed, and of commands.
_OF_REFUSALS = ("preset", "nothing", *cli.commands)
REFUSED = (
    "--sweep -",
    "--sweep nothing.csv",
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
)


@pytest.fixture(autouse=True)
def _marked():
    with pseudo_locale():
        yield


@pytest.mark.parametrize("line", REFUSED)
def test_refusals(call, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_refusal(call(*line.split()), *_OF_REFUSALS)


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
    assert [text for text in told if left_over_of_command(text)] == []


def test_pictures_of_a_sweep():
    axes = {"lr": values("lr", "0.1:5:4"), "optimizer": ("momentum", "sgd"), "momentum": (0.5, 0.9), "seed": (1, 2, 3)}
    told = list[str]()
    for draw, names in (
        (sweep_map, [*axes]),
        (sweep_line, ["lr", "seed"]),
        (lambda space, rows: run_job(loss_bands(space, rows)), ["optimizer", "seed"]),
    ):
        space = Space(RunConfig(epochs=5, noise=0.5), {name: axes[name] for name in names})
        rows = ResultRows.joined([*results(SweepJob(space), range(len(space)), jobs=1)])
        told += [*space.left_out, *summary(SweepJob(space), rows)[:-1], *draw(space, rows).notes]
    assert len(told) > 8
    assert [text for text in told if left_over_of_command(text)] == []


def test_what_differs_between_sweeps():
    one = SweepHeader.of(Space(RunConfig(), {"lr": (0.1, 0.2), "batch": (1, 2)}))
    two = SweepHeader.of(
        Space(RunConfig(epochs=7, optimizer="adam"), {"lr": (0.1, 0.3), "samples": (5, 6, 7)}), random=2
    )
    three = SweepHeader.of(Space(RunConfig(), {"batch": (1, 2, 3), "lr": (0.1, 0.2)}))
    told = [*one.differences(two), *two.differences(one), *one.differences(three)]
    assert len(told) > 8
    assert [text for text in told if left_over_of_command(text, "lr", "batch")] == []


def test_row_errors_stay_english(tmp_path):
    """Files are the same in every language."""
    space = Space(RunConfig(data=str(tmp_path / "nothing.csv")), {"lr": (0.1, 0.2)})
    rows = SweepJob(space).train([0, 1])
    assert len(rows.errors) == 2
    assert not any("⟦" in why for why in rows.errors.values())
