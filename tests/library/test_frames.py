"""Runs as frames of pandas and polars: the columns and numbers of the command line's CSV."""

import csv
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from command_line import called

from quadfit_tui import PRESETS, train


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_frame_columns_equal_csv(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, SimpleNamespace(DataFrame=dict))
    run = train(PRESETS["momentum"])
    frame = getattr(run, f"to_{name}")()
    assert list(frame) == called("run", "--format", "csv").stdout.splitlines()[0].split(",")
    assert np.array([frame[letter] for letter in "abc"]).T.tolist() == run.w.tolist()
    assert frame["mean_loss"] is run.mean_loss


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_frame_values_equal_run(name):
    pytest.importorskip(name)
    frame = getattr(train(PRESETS["momentum"]), f"to_{name}")()
    names, *rows = csv.reader(called("run", "--preset", "momentum", "--format", "csv").stdout.splitlines())
    assert {name: frame[name].to_list() for name in frame.columns} == {
        name: [*map(float, column)] for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_missing_frame_library_is_refused(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"to_{name} needs {name}, which is not installed: pip install {name}"):
        getattr(train(PRESETS["momentum"]), f"to_{name}")()
