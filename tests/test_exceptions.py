"""Exceptions of the package, copied and taken to another process: as multiprocessing and concurrent.futures do it."""

import copy
import copyreg
import errno
import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys

import pytest

import quadfit_tui

for module in pkgutil.walk_packages(quadfit_tui.__path__, "quadfit_tui."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)


def kinds(of=BaseException):
    """The exception classes that the package defines."""
    for kind in of.__subclasses__():
        if kind.__module__.partition(".")[0] == "quadfit_tui":
            yield kind
        yield from kinds(kind)


# By the types of parameters, given the kind of exception.
VALUES = {
    "str": lambda _: "a\nb",
    "int": lambda _: 7,
    "int | None": lambda _: 8,
    "tuple[str, ...]": lambda _: ("x_min", "x_max"),
    "TrainedRun": lambda _: quadfit_tui.train(quadfit_tui.RunConfig(epochs=1)),
    "Sweep": lambda _: quadfit_tui.sweep(quadfit_tui.RunConfig(epochs=1), {"lr": [0.1]}),
    "tuple[NotationError, ...]": lambda kind: (kind(9, "is wrong, too"),),
}


def made(kind):
    """An exception with a value of its own for each of its parameters."""
    if issubclass(kind, OSError):
        return kind(errno.EFBIG, "is too large")
    if "__init__" not in vars(kind):
        return kind("what is wrong")
    parameters = list(inspect.signature(kind).parameters.values())
    return kind(*(VALUES[parameter.annotation](kind) for parameter in parameters))


@pytest.mark.parametrize("kind", sorted({*kinds()}, key=lambda kind: kind.__qualname__), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("taken", [lambda it: pickle.loads(pickle.dumps(it)), copy.copy, copy.deepcopy])
def test_copied_exception_is_equal(kind, taken, monkeypatch):
    for each in [each for each in copyreg.dispatch_table if issubclass(each, BaseException)]:
        monkeypatch.delitem(copyreg.dispatch_table, each)  # ways of a library that a test before has loaded
    before = made(kind)
    after = taken(before)
    assert type(after) is kind
    # By their texts: an exception within another one is no equal of its copy.
    assert (str(after), repr(after), repr(vars(after))) == (str(before), repr(before), repr(vars(before)))


_POOL = """
from multiprocessing import get_context
from quadfit_tui import RunConfig

with get_context({method!r}).Pool(2) as pool:
    print(pool.map(RunConfig, ["2,-4,3"])[0].true)
    try:
        pool.map(RunConfig, ["2,-4"])
    except ValueError as refused:
        print(type(refused).__name__, refused.names, refused)
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_refused_value_arrives_from_a_pool(method):
    # In a program of its own, which can be given up: of an exception that cannot be read the pool waits for good.
    script = _POOL.format(method=method)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    refusal = "true: '2,-4' is 2 numbers, not three; allowed: three numbers a, b, c from -1e12 to 1e12"
    assert done.stdout.splitlines() == ["(2.0, -4.0, 3.0)", f"ConfigError ('true',) {refusal}"]
