"""What type checkers say of right and wrong uses of the library."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from quadfit_tui import library

TAKEN = """
from fractions import Fraction
from pathlib import Path
import numpy as np
from quadfit_tui import PRESETS, RunConfig, Session, diagnose, sweep, train

config = RunConfig(lr=0.1, samples=24, batch="full", optimizer="adam", data=None, shuffle=True)
other = RunConfig(lr=np.float32(0.1), samples=np.int64(24), shuffle=np.True_, data=Path("a.csv"), init="random")
third = RunConfig(true=(1, 2, 3), init=[1.0, 2.0, 3.0], tol=Fraction(1, 3), columns=("x", "y"), batch=3)
fourth = RunConfig(true=np.array([1, 2, 3]), round_epochs=None)
config = config.replace(schedule="cosine", epochs=3, optimizer=other.optimizer, batch=third.batch, true=fourth.true)
run = train(PRESETS["own-data"], x=[1, 2, 3], y=np.array([1.0, 2.0, 3.0]), progress=lambda moment: print(moment.w))
last: float = float(run.w[-1][0] + run.updates(0).gradient[0][0])
found = sweep(config, {"lr": np.geomspace(0.1, 1, 3), "optimizer": ["sgd", "adam"], "batch": [1, "full"]}, seeds=[1, 2])
best: int | None = sweep(config, {}, seeds=[1, 2], random=np.int64(1), progress=lambda at: print(at.done, at.left)).best
print(found.columns["lr"][0], found.status[0] == "converged", found.config(2).lr, found.to_polars())
print(diagnose(config).limit.rate, run.verdict == "optimum", Session(config, speed=None).status == "ready")
"""


REFUSED = """
from quadfit_tui import PRESETS, RunConfig, Session, diagnose, explain, rate_map, sweep, train
config = RunConfig()
RunConfig(learning_rate=0.1)
RunConfig(lr="fast")
RunConfig(optimizer="adamw")
RunConfig(batch="half")
RunConfig(init=(1, 2))
RunConfig(shuffle="yes")
config.replace(schedule="linear")
config.replace(lrr=0.2)
config.replace(epochs=2.5)
PRESETS["article"] = config
train("article")
config.lr = 0.2
diagnose(config).limit.rates
explain(train(config), 3.5)
train(config).status == "convergd"
rate_map(config, up="momentun")
Session(config, speed="fast")
Session(config).go(1.5)
sweep("article", {"lr": [0.1]})
sweep(config, {"lrr": [0.1]})
sweep(config, {"lr": 0.1})
sweep(config, {"optimizer": ["sgd", "adamw"]})
sweep(config, {}, seeds=20)
sweep(config, {"lr": [0.1]}, progress=lambda at: print(at.todo))
sweep(config, {"lr": [0.1]}).columns["lr"] = 0
"""


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
@pytest.mark.parametrize(("code", "wrong"), [(TAKEN, []), (REFUSED, list(range(4, 29)))], ids=["right", "wrong"])
def test_type_checkers_find_each_wrong_use(tmp_path, code, wrong, checker):
    if checker == "pyright":
        pytest.importorskip("pyright")  # which is a program for Node.js, and downloads it
    file = tmp_path / "use.py"
    file.write_text(f"# pyright: strict{code}")
    options = {"mypy": ["--strict", "--no-error-summary", "--hide-error-context"], "pyright": []}[checker]
    done = subprocess.run(
        [sys.executable, "-m", checker, *options, str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(library.__file__).parents[2],
        timeout=300,
    )
    assert "error: " in done.stdout or not wrong, done.stderr
    assert bool(wrong) == bool(done.returncode), done.stdout + done.stderr
    found = re.findall(r"^.*use\.py:(\d+):.*\berror: ", done.stdout, re.MULTILINE)
    assert sorted({int(line) for line in found}) == wrong, done.stdout
