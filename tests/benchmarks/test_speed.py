"""How fast the program is, against others who do the same updates.

Each figure is a ratio taken in one run: in every round all contenders take turns, each with fresh objects, after a
first turn that is not counted and in which their w are compared. A target that is missed is told in the table at the
end and fails nothing, since a machine may be busy; another w than the program's fails.

The clock is processor time, that of all threads: what else the machine does is not in it. Whole processes are judged by
the time that passes.
"""

import gc
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import contenders
import numpy as np
import pytest
from contenders import Work, program

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import Session

ARTICLE = PRESETS["article"].replace(stop_on="never")
MILLION = 1_000_000
ACCURACY = 1e-9  # of w after each epoch, relative to the largest of a, b, c


class Contender(NamedTuple):
    """One who runs against the program.

    In each round it takes `turns`; 0 means that it takes too long, and runs once, before the rounds. `epochs` is set
    where it does only the first so many, and its time is multiplied.
    """

    name: str
    run: Callable
    target: float | None = None
    turns: int = 1
    epochs: int | None = None

    def take_turn(self, config, work):
        """What it comes to, and the seconds that it takes for all epochs."""
        started = time.process_time()
        found = self.run(work)
        return found, (time.process_time() - started) * config.epochs / work.epochs


def work_of(config, epochs=None):
    """A run or its first epochs, with all that contenders are handed made beforehand."""
    work = Work(config, epochs or config.epochs)
    assert len(work.samples[0]) == config.samples
    assert len(work.rates) == work.epochs
    return work


def agree(found, ours):
    """Whether w is the same after each epoch for which it is known, of which the last has to be one."""
    known = np.flatnonzero(~np.isnan(found[:, 0]))
    if not len(known) or known[-1] != len(found) - 1:
        return False
    found, ours = found[known], ours[known]
    return bool((np.abs(found - ours).max(axis=1) <= ACCURACY * np.abs(ours).max(axis=1)).all())


def take_turns(field, config, works, rounds_of):
    """One round: everybody's seconds go to the end of its list of rounds; nobody has to wait for the collector."""
    playing = [(each, work, []) for each, work in zip(field, works, strict=True)]
    gc.collect()
    gc.disable()
    for turn in range(max(each.turns for each in field)):
        for each, work, seconds in playing:
            if turn < each.turns:
                seconds.append(each.take_turn(config, work)[1])
    gc.enable()
    for rounds, (each, _, seconds) in zip(rounds_of, playing, strict=True):
        if each.turns:
            rounds.append(seconds)


def race(benchmark, report, figure, config, others, *, rounds):
    """Lets the program, as often as anybody, and all others take turns, and reports the ratios."""
    field = [Contender("the program", program, turns=max(each.turns for each in others)), *others]
    works = [work_of(config, each.epochs) for each in field]
    ours = program(works[0])
    assert len(ours) == config.epochs
    rounds_of = []
    for each, work in zip(field, works, strict=True):
        found, seconds = each.take_turn(config, work)
        assert agree(found, ours), f"{each.name} comes to another w"
        rounds_of.append([] if each.turns else [[seconds]] * rounds)
    benchmark.pedantic(take_turns, (field, config, works, rounds_of), rounds=rounds)
    for each, theirs in zip(others, rounds_of[1:], strict=True):
        benchmark.extra_info[each.name] = report(figure, each.name, *ratio(rounds_of[0], theirs), each.target)


def ratio(mine, theirs):
    """The median of the rounds' ratios, and these: each of the medians of that round."""
    each = [median(my) / median(their) for my, their in zip(mine, theirs, strict=True)]
    return median(each), each


def test_the_articles_run(benchmark, report):
    others = [
        Contender("the article's loop in NumPy", contenders.article, 1 / 1000),
        Contender("a plain Python loop", contenders.plain, turns=2),
        Contender("scikit-learn, by epochs", contenders.regressor, turns=2),
        Contender("scikit-learn, by learning rates", contenders.regressor_at_once, turns=2),
        Contender("a Numba loop", contenders.compiled, 1, turns=20),
    ]
    figure = "the article's run: 80,000 updates, ten learning rates"
    race(benchmark, report, figure, ARTICLE, others, rounds=7)


def test_a_constant_learning_rate(benchmark, report):
    config = ARTICLE.replace(schedule="constant", epochs=10_000)
    others = [
        Contender("the article's loop in NumPy¹", contenders.article, epochs=100),
        Contender("a plain Python loop", contenders.plain),
        Contender("scikit-learn, by epochs", contenders.regressor),
        Contender("scikit-learn, all at once", contenders.regressor_at_once),
        Contender("a Numba loop", contenders.compiled, 0.2, turns=5),
    ]
    figure = "10,000 epochs at a constant learning rate: 8,000,000 updates (¹ 100 epochs of them)"
    race(benchmark, report, figure, config, others, rounds=5)


def test_shuffled_mini_batches(benchmark, report):
    others = [  # scikit-learn has no mini-batches
        Contender("the article's loop in NumPy", contenders.article, 1 / 20),
        Contender("a plain Python loop", contenders.plain, turns=2),
        Contender("a Numba loop", contenders.compiled, turns=20),
    ]
    figure = "100 epochs of mini-batches of 16, reshuffled each epoch: 5,000 updates"
    race(benchmark, report, figure, ARTICLE.replace(batch=16, shuffle=True), others, rounds=7)


def test_a_million_samples(benchmark, report):
    others = [
        Contender("the article's loop in NumPy¹", contenders.article, turns=0, epochs=1),
        Contender("a plain Python loop", contenders.plain),
        Contender("scikit-learn, by epochs", contenders.regressor),
        Contender("scikit-learn, by learning rates", contenders.regressor_at_once),
        Contender("a Numba loop", contenders.compiled, turns=4),
    ]
    figure = "1,000,000 samples one by one, 20 epochs: three learning rates (¹ once, and one epoch)"
    race(benchmark, report, figure, ARTICLE.replace(samples=MILLION, epochs=20), others, rounds=3)


def test_the_whole_process(benchmark, report, tmp_path):
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}  # compiled in the first round, as installing would do
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    ours = [Path(sys.executable).with_name("quadfit-tui"), "run", "--preset", "article", "--quiet"]
    commands = [ours, [sys.executable, "-c", "import numpy"]]

    def turn(at):
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(commands[at], stdout=subprocess.DEVNULL, check=True, env=env)
        passed, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    rounds = []

    def one_round():
        rounds.append(([], []))
        for first in (0, 1) * 4:
            for at in (first, 1 - first):
                rounds[-1][at].append(turn(at))

    one_round()
    rounds.clear()
    benchmark.pedantic(one_round, rounds=7)
    figure = 'quadfit-tui run --preset article --quiet, against python -c "import numpy"'
    for clock, (name, target) in enumerate([("the time that passes", 1.4), ("processor time", None)]):
        mine, theirs = ([[both[clock] for both in turns] for turns in side] for side in zip(*rounds, strict=True))
        benchmark.extra_info[name] = report(figure, name, *ratio(mine, theirs), target)


def test_memory(benchmark, report):
    grown = []

    def one_round():
        script = Path(__file__).with_name("growth.py")
        output = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
        (first, few), (last, many) = (map(int, line.split()) for line in output.splitlines())
        assert (first, last) == (1000, MILLION)
        grown.append((many - few) / 1e6)

    benchmark.pedantic(one_round, rounds=5)
    figure = "memory after 1,000,000 epochs, more than after 1,000"
    benchmark.extra_info["MB"] = report(figure, "a process of its own", median(grown), grown, 5, "MB")


@pytest.mark.parametrize("schedule", ["constant", "halve", "cosine"])
def test_jumps(benchmark, report, schedule):
    session = Session(ARTICLE.replace(schedule=schedule, epochs=MILLION), speed=None)
    goals, worst = jumps(), []

    def go(position):
        session.seek(*position)
        while session.is_busy:
            session.advance(1)
        assert session.snapshot().position == position

    def one_round():
        longest = 0.0
        for goal in goals:
            started = time.process_time()
            go(goal)
            longest = max(longest, time.process_time() - started)
        worst.append(1000 * longest)

    go((MILLION, 0))
    benchmark.pedantic(one_round, rounds=3)
    figure = f"the longest of {len(goals)} jumps, forwards and backwards, within 1,000,000 epochs of 800 updates"
    benchmark.extra_info["ms"] = report(figure, f"schedule {schedule}", median(worst), worst, 100, "ms")


def jumps():
    """Where to jump from one to the next: anywhere, from both ends, to the ends of epochs and over their edges."""
    draw, last = random.Random(0), 799
    goals = [(draw.randrange(MILLION), draw.randrange(800)) for _ in range(100)]
    for _ in range(10):
        epoch = draw.randrange(1, MILLION)
        goals += [(0, 0), (epoch, last), (epoch, 0), (epoch - 1, last), (MILLION, 0), (epoch, last)]
    return [*goals, (1, 0), (0, last), (1023, last), (1024, 0), (1024, 1), (MILLION - 1, last), (0, 1), (MILLION, 0)]
