"""The program's own files of samples: each tells its source, and is read where a file is, also with --confined."""

import math

import numpy as np
import pytest
from homes import confined

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_file import read_values
from quadfit_tui.core.files import access, virtual_files
from quadfit_tui.core.model.problem import make_dataset

CERTIFIED = [-0.316081871345029e-14, 0.732059160401003e-06, 0.673565789473684e-03]  # by NIST, of Pontius
CERTIFIED_DEVIATION = 0.205177424076185e-03  # of its residuals, with 37 degrees of freedom
SAMPLES = {"example:galileo": 7, "example:outlier": 41, "example:pontius": 40}


def problem_of(name):
    return make_dataset(RunConfig(data=name))


@pytest.mark.parametrize("name", SAMPLES)
def test_examples_tell_their_source_and_are_fitted(name):
    comments = [line for line in access.read(name, 10_000).decode().splitlines() if line.startswith("#")]
    assert any(line.startswith("# Source: ") for line in comments[:3])
    problem = problem_of(name)
    assert len(problem.x) == SAMPLES[name]
    assert not problem.left_out
    x = problem.x / np.abs(problem.x).max()  # polyfit loses digits of numbers in the millions
    scale = np.abs(problem.x).max() ** np.array([2, 1, 0])
    assert problem.optimum * scale == pytest.approx(np.polyfit(x, problem.y, 2), rel=1e-9)
    assert make_dataset(RunConfig(data=name, lr=0.1), problem) is problem


def test_unknown_example_is_refused():
    assert virtual_files.example_names() == list(SAMPLES)
    for name in ("example:", "example:ponti", "example:../README", "example:galileo.csv"):
        with pytest.raises(ConfigError, match="there is no such example; there are example:galileo, example:out"):
            problem_of(name)


def test_pontius_gives_what_nist_certifies():
    problem = problem_of("example:pontius")
    assert problem.optimum.tolist() == pytest.approx(CERTIFIED, rel=1e-12)
    assert math.sqrt(problem.mean_loss(problem.optimum) * 40 / 37) == pytest.approx(CERTIFIED_DEVIATION, rel=1e-11)
    text = access.read("example:pontius", 10_000).decode()
    assert [f"{name} = {value:.15E}" for name, value in zip("abc", CERTIFIED, strict=True)] == [
        f"{name} = {float(text.partition(f'{name} = ')[2].partition(',')[0]):.15E}" for name in "abc"
    ]


def test_outlier_lies_far_from_parabola():
    problem = problem_of("example:outlier")
    off = np.abs(np.polyval([2, -4, 3], problem.x) - problem.y)
    assert np.flatnonzero(off > 2).tolist() == [33]
    assert (problem.x[33], problem.y[33]) == (2.3, 42.6)


def test_examples_are_readable_when_confined(tmp_path, monkeypatch):
    monkeypatch.setattr(virtual_files, "_provided", {})
    (tmp_path / "run.toml").write_text('data = "example:galileo"\n')
    assert read_values(str(tmp_path / "run.toml")) == {"data": "example:galileo"}
    with confined(tmp_path):
        assert problem_of("example:galileo").x.tolist() == [1, 2, 3, 4, 5, 6, 7]
