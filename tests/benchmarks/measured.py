"""What is measured, each by a process of its own: `python measured.py NAME` prints the figures as JSON.

The program is that on PYTHONPATH, which may be an older one: nothing of it is imported before a measure needs it, and
as much as possible goes by the library and the command line. What it lacks is an error of that measure alone.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from typing import NamedTuple

SHORTEST = 0.3  # seconds that a call is repeated for, by the clock
VIEWS = "fit", "loss", "parameters", "surface", "update", "map"
PLAYING = "--play", "--speed", "10", "--preset", "noisy", "--epochs", "100000", "--stop-on", "never"
# Bytes a second that a line takes, its seconds to and fro, and the most milliseconds from a key to its letter.
LINES = {"local": (None, 0, 50), "64KB/s": (64_000, 0, 150), "16KB/s": (16_000, 0, 300), "300ms": (None, 0.3, 600)}


class Measure(NamedTuple):
    """A measure: `take` returns its figures by their names.

    `against` is the measure of a contender, to whose figures the ratio has its `limits`; without one they are those of
    the figures themselves.
    """

    take: object
    limits: dict
    against: str | None


MEASURES: dict[str, Measure] = {}


def measure(name, against=None, **limits):
    """Registers a function that returns a dictionary of figures, or one to call, whose time is the figure."""

    def register(take):
        MEASURES[name] = Measure(take, limits, against)
        return take

    return register


def timed(call):
    """The processor time and the time of a call, and what it returns; the first call, which loads, does not count."""
    # glibc gives back no pages once so much was freed. Otherwise where its heap ends, by chance, decides about a tenth.
    _ = len(bytearray(16 << 20))
    found, processor, wall = call(), [], []
    ends = time.perf_counter() + SHORTEST
    while not wall or time.perf_counter() < ends:
        before, began = used(), time.perf_counter()
        call()
        wall.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (used() - before))
    return {"ms": median(processor), "wall": median(wall)} | ({} if found is None else {"w": found})


def either(module, *names):
    """Returns what a module has by the first of these names that it has: older commits have others."""
    found = importlib.import_module(f"quadfit_tui.{module}")
    return next(getattr(found, name) for name in names if hasattr(found, name))


def used():
    """The seconds of processor time of this process, and of those that it has waited for."""
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in each)


# Training, beside the same updates by others


def trains(**changes):
    """The article's run, but for some changes, of samples and a timeline that nobody has used yet."""
    from quadfit_tui import PRESETS
    from quadfit_tui.core.model.task import make_task
    from quadfit_tui.core.training.position import Position
    from quadfit_tui.core.training.record_log import RecordLog
    from quadfit_tui.core.training.timeline import Timeline

    dataset, fit_task = either("core.model.problem", "Dataset", "Problem"), either("core.model.task", "FitTask", "Task")
    config = PRESETS["article"].replace(stop_on="never", **changes)
    problem = make_task(config).problem

    def call():
        timeline, records = Timeline(fit_task(config, dataset(problem.x, problem.y, config.true))), RecordLog()
        while not timeline.at_end:
            timeline.approach(Position(config.epochs, 0), records)
        return records.column("trained_w")[-1].tolist()

    return call


for _name, _most, _changes in (
    ("article", 1.0, {}),
    ("constant", 0.2, {"schedule": "constant", "epochs": 10_000}),
    ("shuffled", 1.7, {"batch": 16, "shuffle": True}),
):
    measure(f"train-{_name}", against=f"numba-{_name}", ms=_most)(partial(trains, **_changes))


def library(**changes):
    from quadfit_tui import PRESETS, train

    config = PRESETS["article"].replace(**changes)
    return lambda: train(config) and None


measure("library-article")(library)
measure("library-one-epoch")(partial(library, batch="full", samples=24, epochs=1))


# Many runs, and what is found out about one


def rates(low, high, count):
    return {"lr": [low * (high / low) ** (at / (count - 1)) for at in range(count)]}


def sweeps(seeds=None, count=2000, preset="playground", **changes):
    from quadfit_tui import PRESETS, sweep

    config, axes = PRESETS[preset].replace(**changes), rates(0.01, 1, count)
    return lambda: sweep(config, axes, seeds=seeds, jobs=1) and None


measure("sweep-rates")(sweeps)
measure("sweep-adam")(partial(sweeps, optimizer="adam"))
measure("sweep-seeds")(partial(sweeps, range(100), 2, noise=0.3, shuffle=True))


@measure("sweep-file-memory", MB=300)
def sweep_file_memory():
    """A file of a million runs, written, resumed, sorted and read."""
    import numpy as np

    from quadfit_tui import RunConfig
    from quadfit_tui.sweeps.space import Space
    from quadfit_tui.sweeps.sweep_file import SweepFile, read_sweep

    header, result_rows = either("sweeps.head", "SweepHeader", "Head"), either("sweeps.rows", "ResultRows", "Rows")
    axes = rates(0.01, 1, 500) | {"momentum": np.linspace(0, 0.99, 20).tolist()}
    axes |= {"optimizer": ["momentum", "nesterov"], "seed": range(50)}
    head, path = header.of(Space(RunConfig(), axes)), "sweep.csv"
    file, rng = SweepFile(path, head), np.random.default_rng(0)
    for first in range(0, 1_000_000, 2000):
        rows = result_rows.empty(2000)
        rows.cell[:], rows.status[:] = range(first, first + 2000), rng.integers(0, 3, 2000)
        rows.mean_loss[:], rows.least[:], rows.w[:] = rng.random(2000), rng.random(2000), rng.random((2000, 3))
        file.add(rows)
    file.close()
    SweepFile(path, head, resume=True).finish()
    assert len(read_sweep(path)[2]) == 1_000_000
    return {"MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


@measure("rate-map")
def rate_map():
    from quadfit_tui import PRESETS, rate_map

    return lambda: rate_map(PRESETS["momentum"]) and None


@measure("diagnose")
def diagnose():
    from quadfit_tui import PRESETS, diagnose

    return lambda: diagnose(PRESETS["noisy"]) and None


# Processes


def runs(*command):
    return lambda: subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL) and None


program = partial(runs, "-m", "quadfit_tui", "run", "--preset", "article")
measure("run-quiet", against="import-numpy", ms=1.0)(partial(program, "--quiet"))
measure("run-csv")(partial(program, "--format", "csv"))
measure("import", against="import-numpy", ms=0.3)(partial(runs, "-c", "import quadfit_tui"))  # mostly Python's start


# Files


def million():
    """The name of a CSV file of a million samples."""
    import numpy as np

    x = np.random.default_rng(1).standard_normal(1_000_000)
    path = os.path.join(tempfile.mkdtemp(dir="."), "million.csv")
    np.savetxt(path, np.column_stack([x, 2 * x * x - 4 * x + 3]), fmt="%.6f", delimiter=",")
    return path


@measure("read-file", against="loadtxt", ms=2.0)
def read_file():
    from quadfit_tui.core.model.samples.reader import read_samples

    path = million()
    return lambda: read_samples(path, None) and None


# A session


def session_of(config):
    return either("core.session.session", "RunSession", "Session")(config, speed=None)


def visit(session, *position):
    session.seek(*position)
    while session.is_busy:
        session.advance(0.05)


@measure("visit", ms=150)
def visits():
    """The longest of some jumps within a run of a million epochs of 800 updates."""
    import random

    from quadfit_tui import PRESETS

    draw, longest = random.Random(0), 0.0
    for schedule in ("constant", "halve", "cosine"):
        session = session_of(PRESETS["article"].replace(stop_on="never", schedule=schedule, epochs=1_000_000))
        visit(session, 1_000_000, 0)
        edges = [(0, 0), (1_000_000, 0), (1023, 799), (1024, 0), (1024, 1), (999_999, 799), (0, 1)]
        for position in [*edges, *((draw.randrange(1_000_000), draw.randrange(800)) for _ in range(60))]:
            before = time.process_time()
            visit(session, *position)
            longest = max(longest, time.process_time() - before)
    return {"ms": 1000 * longest}


@measure("memory-of-epochs", MB=5)
def memory_of_epochs():
    """What a run of a million epochs holds more than after a thousand."""
    from quadfit_tui import PRESETS

    session = session_of(PRESETS["article"].replace(schedule="constant", epochs=1_000_000, stop_on="never"))
    visit(session, 1000, 0)
    before = resident()
    session.play()
    while session.is_busy:
        session.advance(0.05)
    return {"MB": resident() - before}


def resident():
    """The MB of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def picture(name):
    """The longest picture of a view at 200x60, with all of its options, of runs with six earlier ones."""
    from dataclasses import replace

    from quadfit_tui import PRESETS
    from quadfit_tui.ui.charts.render import draw
    from quadfit_tui.ui.views.scene import scene_of

    try:
        from quadfit_tui.ui.views.view_table import VIEWS
    except ImportError:  # where they were before
        from quadfit_tui.ui.views import VIEWS
    article, full = PRESETS["article"], PRESETS["full-batch"]
    configs = [article, PRESETS["noisy"], article.replace(epochs=1_000_000, stop_on="never")]
    configs += [full.replace(samples=100_000, noise=1.0)]
    view, longest = VIEWS[name], 0.0
    for config in [PRESETS["momentum"]] if name == "map" else configs:
        session = session_of(config)
        for at in range(7):
            session.restart(config.replace(lr=config.lr * 0.9**at))
            visit(session, config.epochs, 0)
        found = None
        if name == "map":
            from quadfit_tui.core.rate_map.pieces import whole_map

            found = whole_map(session.snapshot().task)
        for words in product(*view.options.values()):
            chosen = dict(zip(view.options, words, strict=True))
            for turn in range(2):  # the first one loads
                session.advance(0)
                before = time.process_time()
                draw(view.draw(replace(scene_of(session), rate_map=found), chosen), 198, 54)
                longest = max(longest, (time.process_time() - before) * turn)
    return {"ms": 1000 * longest}


# The app on a terminal


def playing(view):
    """What the app sends, and takes of a core, while it plays ten epochs a second at 80x24."""
    from terminals import App

    with App("--view", view, *PLAYING) as app:
        app.read(2.5)
        return app.share(4)


@measure("rest", percent=0.3, KBps=0)
def rest():
    from terminals import App

    with App() as app:
        app.read(5)  # the diagnosis
        return app.share(6)


def echo(rate, delay):
    """From a key to its letter in a field, while a run plays."""
    from terminals import App

    with App("--view", "loss", *PLAYING, delay=delay) as app:
        app.read(2.5)
        app.send("l")
        app.until("Next field")
        app.rate = rate
        app.read(2)
        waits = []
        for letter in "QZXJWYK":  # which are in nothing else that changes
            before, began = len(app.output), time.perf_counter()
            app.send(letter)
            app.until(letter, since=before)
            waits.append(time.perf_counter() - began + delay)
        return {"ms": 1000 * median(waits)}


@measure("first-picture", against="baseline", ms=1.15)
def first_picture():
    from terminals import App

    with App() as app:
        return app.first_picture()


@measure("ten-sessions", against="ten-baselines", MB=1.2)
def ten_sessions():
    from terminals import App, memory_of

    return memory_of([App() for _ in range(10)])


@measure("forty-pages", opened=8, MB=34, ms=200, slow=700, gap=500, late=2)
def forty_pages():
    """A class by `serve`, each of whose pages plays and has a few letters typed."""
    import asyncio

    from pages import figures

    return asyncio.run(figures(40))


for _view in VIEWS:
    measure(f"picture-{_view}", ms=60)(partial(picture, _view))
    measure(f"playing-{_view}", percent=15, KBps=15)(partial(playing, _view))
for _name, (_rate, _delay, _most) in LINES.items():
    measure(f"key-{_name}", ms=_most)(partial(echo, _rate, _delay))


def main(name):
    if name in MEASURES:
        found = MEASURES[name].take()
    else:
        from contenders import CONTENDERS

        found = CONTENDERS[name]()
    print(json.dumps(timed(found) if callable(found) else found))


if __name__ == "__main__":
    main(sys.argv[1])
