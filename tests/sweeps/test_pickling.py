"""A sweep and what interrupts it in another process: by fork and spawn of multiprocessing, and by joblib."""

import pickle

import numpy as np
import pytest
from other_processes import WAYS, by_processes
from trials import variants

from quadfit_tui import RunConfig, SweepInterrupted, sweep

_PROGRAM = """
from quadfit_tui import PRESETS, RunConfig, sweep


def swept(config):
    return sweep(config, {"epochs": [1, 2]}, jobs=2)


def main(do):
    print([str(found.best) for found in do(swept, [PRESETS["noisy"], RunConfig(lr=1e6)])])
"""


@pytest.mark.parametrize("way", variants({way: way for way in WAYS}, 1))
def test_sweeps_go_to_another_process_and_back(tmp_path, way):
    assert by_processes(tmp_path / "program.py", way, _PROGRAM) == ["['1', 'None']"]


def test_pickle_round_trip():
    found = sweep(RunConfig(), {"lr": [0.1, 0.2]}, x=np.arange(4.0), y=np.arange(4.0) ** 2)
    assert found.columns["lr"][0] == 0.1
    for before in (found, SweepInterrupted(found, 9)):
        after = pickle.loads(pickle.dumps(before))
        assert (type(after), repr(after)) == (type(before), repr(before))
