"""What the manual says of how a run can be repeated, done as it says."""

import json
import re
import shlex

import numpy as np
import pytest
from documents import MANUAL

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.trainer import Trainer
from quadfit_tui.main import main

SECTION = MANUAL["numbers"].partition("## To repeat a run without this program\n")[2].partition("\n## ")[0]


def test_manual_numpy_code_reproduces_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    names = {}
    exec(code, names)
    printed = [float(number) for number in capsys.readouterr().out.split()]

    # To the last bit what training update by update has.
    config = RunConfig(seed=7, noise=0.5, init="random", shuffle=True)
    problem = make_dataset(config)
    trainer = Trainer(FitTask(config, problem))
    assert problem.x.tolist() == names["x"].tolist()
    assert problem.y.tolist() == names["y"].tolist()
    assert FitTask(config, problem).start.tolist() == np.random.default_rng([7, 1]).uniform(-10, 10, 3).tolist()
    trainer.advance(800)
    assert trainer.w.tolist() == names["w"].tolist()
    order = names["orders"].permutation(800)  # of the second epoch
    x, y = np.hstack([trainer.advance(1).batch for _ in range(800)])
    assert (x.tolist(), y.tolist()) == (names["x"][order].tolist(), names["y"][order].tolist())

    # What the command that is named there prints, which may do many epochs at once.
    (command,) = re.findall(r"`quadfit-tui (run .*?)`", SECTION)
    with pytest.raises(SystemExit):
        main([*shlex.split(command), "--format", "jsonl"])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["w"] == pytest.approx(printed, rel=1e-9)
