"""Those that the program is measured against: each does the same, by others, and imports nothing of the program.

`python measured.py NAME` measures them, too.
"""

from pathlib import Path

import numpy as np
from measured import million, runs

START = -11 / 6, -395 / 3, -2400.0
CONTENDERS = {}


def contender(name):
    def register(make):
        CONTENDERS[name] = make
        return make

    return register


def samples():
    """x and y of the article's run."""
    x = np.linspace(-1, 1, 800, endpoint=False)
    return x, 2 * x * x - 4 * x + 3


def halved(epochs):
    """The learning rate of each epoch by the article's schedule."""
    return 0.5 * 0.5 ** ((np.arange(epochs) + 1) // 10)


def compiled_samples():
    """A function that takes samples one by one, compiled; it keeps w after each epoch, as the program does."""
    import numba

    @numba.njit
    def train(a, b, c, x, y, rates):
        found = np.empty((len(rates), 3))
        for epoch, rate in enumerate(rates):
            for at in range(len(x)):
                step = rate * ((a * x[at] + b) * x[at] + c - y[at])
                c -= step
                step *= x[at]
                b -= step
                a -= step * x[at]
            found[epoch] = a, b, c
        return found

    return train


@contender("numba-article")
def numba_article():
    train, (x, y), rates = compiled_samples(), samples(), halved(100)
    return lambda: train(*START, x, y, rates)[-1].tolist()


@contender("numba-constant")
def numba_constant():
    train, (x, y), rates = compiled_samples(), samples(), np.full(10_000, 0.5)
    return lambda: train(*START, x, y, rates)[-1].tolist()


@contender("numba-shuffled")
def numba_shuffled():
    """Batches of 16, in orders by the generator that the program documents."""
    import numba

    @numba.njit
    def epoch(a, b, c, x, y, rate):
        share = rate / 16
        for low in range(0, len(x), 16):
            by_a = by_b = by_c = 0.0
            for at in range(low, low + 16):
                error = (a * x[at] + b) * x[at] + c - y[at]
                by_c += error
                error *= x[at]
                by_b += error
                by_a += error * x[at]
            a, b, c = a - share * by_a, b - share * by_b, c - share * by_c
        return a, b, c

    (x, y), rates = samples(), halved(100)

    def call():
        w, generator = START, np.random.default_rng([0, 2])
        for rate in rates:
            order = generator.permutation(len(x))
            w = epoch(*w, x[order], y[order], rate)
        return list(w)

    return call


@contender("import-numpy")
def import_numpy():
    return runs("-c", "import numpy")


@contender("loadtxt")
def loadtxt():
    path = million()
    return lambda: np.loadtxt(path, delimiter=",") is None or None


BASELINE = str(Path(__file__).with_name("baseline.py"))


@contender("baseline")
def baseline():
    from terminals import App

    with App(command=(BASELINE,)) as app:
        return app.first_picture(("ready>",))


@contender("ten-baselines")
def ten_baselines():
    from terminals import App, memory_of

    return memory_of([App(command=(BASELINE,)) for _ in range(10)], ("ready>",))
