"""What a worker trains of a sweep is what `train` makes of each cell, to the last bit, whatever goes side by side."""

import json
import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from command_line import called
from trials import trials

from quadfit_tui import RunConfig, train
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.sweeps import work as module
from quadfit_tui.sweeps.rows import STATUSES, VERDICTS
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

ADAPTIVE = [name for name, row in OPTIMIZERS.items() if not row.is_affine]
SMALL = RunConfig(samples=9, epochs=12, init=(-1, 10, 26), noise=0.3, batch=2)


def made_up(rng, optimizers=(*OPTIMIZERS,)):
    """A sweep of some cells, of any kind: all that its runs may differ in varies from one sweep to the next."""

    def one(values):
        return values[int(rng.integers(len(values)))]

    samples = one((5, 8, 12, 24, 40))
    base = RunConfig(
        optimizer=one(optimizers),
        samples=samples,
        noise=one((0.0, 0.3)),
        x_min=one((-1.0, -1.0, 0.0)),
        seed=int(rng.integers(100)),
        init=one(((-1, 10, 26), "random", (-11 / 6, -395 / 3, -2400))),
        schedule=one([*SCHEDULES]),
        decay_every=one((3, 10)),
        batch=one((1, 1, 2, 3, samples, "full")),
        shuffle=one((False, False, True)),
        epochs=one((7, 30, 60)),
        gradient=one(("half", "full")),
        scale_features=one((False, True)),
        stop_on=one([*STOP_RULES]),
        tol=one((1e-5, 0.1, 100.0)),
        round_epochs=one((None, None, None, 2, 6)),
    )
    rates = np.exp(rng.uniform(-6, 3 if OPTIMIZERS[base.optimizer].is_affine else 5, one((1, 2, 4, 9)))).tolist()
    axes = {"lr": rates}
    used = [name for name in (*OPTIMIZERS[base.optimizer].parameters, "epsilon") if name not in base.unused]
    for name in used:
        if rng.random() < 0.6:
            axes[name] = rng.uniform(0.01, 0.99, one((1, 2, 3))).tolist()
    others = {
        "shuffle": (False, True),
        "batch": (1, 2, "full"),
        "schedule": [*SCHEDULES],
        "round_epochs": (None, 3),
        "init": ("random", (2, -4, 3.5), (0, 0, 0)),
        "scale_features": (True, False),
        "stop_on": [*STOP_RULES],
        "gradient": ("half", "full"),
        "epochs": (1, 20),
        "samples": (samples, samples + 1),
    }
    name = one([*others])
    axes[name] = others[name]
    if rng.random() < 0.6:
        axes["seed"] = range(one((1, 2, 5)))
    return Space(base, axes)


def exact(status, epochs, updates, mean_loss, least, w):
    """All of a row as what can be compared to the last bit; nan is nan."""
    return status, int(epochs), int(updates), *(float(value).hex() for value in (mean_loss, least, *w))


def rows_of(rows):
    columns = rows.status.tolist(), rows.epochs, rows.updates, rows.mean_loss, rows.least, rows.w
    return [exact(STATUSES[status], *others) for status, *others in zip(*columns, strict=True)]


def alone(config, **samples):
    """The row of a run that is trained by itself."""
    run = train(config, **samples)
    if run._end.overflowed:
        return exact(run.status, run.epoch[-1], run._end.updates, math.inf, run.least, [math.nan] * 3)
    return exact(run.status, len(run.w), run._end.updates, run.mean_loss[-1], run.least, run.w[-1])


def differing(space, cells):
    """Those of some cells whose row is another one than that of the run by itself."""
    rows = SweepJob(space).train(cells)
    assert rows.cell.tolist() == [*cells]
    assert not rows.errors
    pairs = zip(cells, rows_of(rows), strict=True)
    return [(cell, row, space.config(cell)) for cell, row in pairs if row != alone(space.config(cell))]


@pytest.mark.parametrize("optimizers", [[*OPTIMIZERS], ADAPTIVE], ids=["all", "adaptive"])
@pytest.mark.parametrize("seed", range(trials(48).max_examples))
def test_a_cell_is_the_run_by_itself(optimizers, seed):
    rng = np.random.default_rng([seed, len(optimizers)])
    space = made_up(rng, optimizers)
    cells = sorted(rng.choice(len(space), min(len(space), 16), replace=False).tolist())
    assert differing(space, cells) == []


def test_chunking_makes_no_difference():
    space = Space(SMALL, {"optimizer": ["adam", "sgd"], "lr": np.geomspace(0.01, 9e5, 30).tolist(), "seed": range(3)})
    whole = rows_of(SweepJob(space).train(range(len(space))))
    assert {status for status, *_ in whole} == {"finished", "diverged"}
    mixed = np.random.default_rng(1).permutation(len(space))
    parts = [rows_of(SweepJob(space).train(part)) for part in np.array_split(mixed, [1, 2, 5, 40])]
    assert [row for part in parts for row in part] == [whole[cell] for cell in mixed]


def test_a_row_says_what_run_writes():
    space = Space(SMALL.replace(init=(0, 0, 0), tol=9), {"lr": [0.01, 0.5, 9.0, 1e6], "batch": [1, 2]})
    rows = SweepJob(space).train(range(len(space)))
    for cell in range(len(space)):
        config = space.config(cell)
        names = ("samples", "noise", "init", "epochs", "tol", *space.axes)
        given = [word for name in names for word in PARAMETERS[name].as_argv(getattr(config, name))]
        told = json.loads(called("run", *given, "--format", "jsonl").stdout.splitlines()[-1])
        assert (told["status"], told["epochs"], told["updates"], told["least"]) == (
            STATUSES[rows.status[cell]],
            rows.epochs[cell],
            rows.updates[cell],
            rows.least[cell],
        )
        assert (told["verdict"] if told["status"] != "failed" else "") == VERDICTS[rows.verdict[cell]]
        if np.isfinite(rows.mean_loss[cell]):
            assert (told["w"], told["mean_loss"]) == (rows.w[cell].tolist(), rows.mean_loss[cell])
    assert {*rows.status.tolist()} >= {0, 2}


def test_untrainable_cell_fails_alone(tmp_path):
    file = tmp_path / "samples.csv"
    file.write_text("x,y\n0,1\n1,3\n2,2\n", encoding="utf-8")
    space = Space(RunConfig(batch="full", epochs=5, data=str(file)), {"batch": [1, 2, 4], "lr": [0.1, 0.2]})
    rows = SweepJob(space).train([5, 0, 4, 2])
    assert [STATUSES[status] for status in rows.status] == ["failed", "finished", "failed", "finished"]
    reason = "batch: '4' exceeds the number of samples; allowed: 1 to 3, or full"
    assert rows.errors == {4: reason, 5: reason}
    assert np.isnan([rows.mean_loss[0], rows.least[0], *rows.w[0]]).all()
    assert rows_of(rows.part(slice(1, None, 2))) == [alone(space.config(0)), alone(space.config(2))]
    file.unlink()
    rows = SweepJob(space).train([0, 1])
    assert [*rows.errors] == [0, 1]
    assert all(why.startswith("data: ") and "\n" not in why for why in rows.errors.values())


def test_samples_that_are_given():
    x, y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, 0.0, 2.0, 9.0])
    space = Space(train(RunConfig(epochs=1), x=x, y=y).config.replace(epochs=9), {"lr": [1e-3, 0.5], "batch": [2, 5]})
    work = pickle.loads(pickle.dumps(SweepJob(space, Dataset(x, y, None))))
    rows = work.train(range(4))
    reason = "batch: '5' exceeds the number of samples; allowed: 1 to 4, or full"
    assert rows.errors == {1: reason, 3: reason}
    assert [rows_of(rows)[cell] for cell in (0, 2)] == [alone(space.config(cell), x=x, y=y) for cell in (0, 2)]


def test_samples_cached_across_chunks_bounded(monkeypatch):
    space = Space(SMALL.replace(epochs=1), {"seed": range(100), "lr": (0.1, 0.2)})
    SweepJob(space).train(range(len(space)))
    kept = module._known
    assert len(kept) == module.MOST_PROBLEMS
    SweepJob(space).train([195, 199])
    assert (module._known[0], module._known[1]) == (kept[0], kept[2])
    monkeypatch.setattr(module, "MOST_SAMPLES", 20)
    SweepJob(space).train([0, 199])
    assert module._known[0] is kept[0]
    assert [len(problem.x) for problem in module._known] == [9, 9]


def test_parallel_seeds_bounded_by_memory(monkeypatch):
    space = Space(SMALL.replace(optimizer="adam", shuffle=True), {"seed": range(9), "lr": (0.1, 0.2)})
    assert [places for places, _ in SweepJob(space).groups(range(18))] == [[*range(18)]]
    assert differing(space, range(18)) == []
    monkeypatch.setattr(module, "MOST_SAMPLES", 9 * 7)
    assert [len(places) for places, _ in SweepJob(space).groups(range(18))] == [7, 7, 4]
    assert differing(space, range(18)) == []
    monkeypatch.setattr(module, "SUMS_FROM", 8)  # as of more samples than that
    assert [len(places) for places, _ in SweepJob(space).groups(range(18))] == [2] * 9


def test_equal_samples_shared_across_seeds(monkeypatch):
    monkeypatch.setattr(module, "_known", ())
    space = Space(SMALL.replace(noise=0, init="random"), {"seed": range(9), "shuffle": (False, True)})
    assert differing(space, range(18)) == []
    assert len(module._known) == 1


def test_threads_train_beside_each_other():
    space = Space(SMALL.replace(optimizer="adam"), {"seed": range(40), "lr": (0.1, 0.2)})
    with ThreadPoolExecutor(4) as threads:
        parts = [*threads.map(SweepJob(space).train, np.array_split(np.arange(80), 20))]
    assert [row for part in parts for row in rows_of(part)] == rows_of(SweepJob(space).train(range(80)))
