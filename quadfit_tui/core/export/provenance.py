"""Provenance: what a file says of the run that it holds: what gives it again, and what it came to."""

from __future__ import annotations

import json
import math
from collections.abc import Container, Mapping, Sequence

import numpy as np

from quadfit_tui import __version__
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.reproduction import NotReproducibleError, run_command
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import standing, verdict
from quadfit_tui.core.text.language import in_english

RunFacts = dict[str, object]  # by their names; values of JSON


def origin(task: FitTask, options: Sequence[str]) -> RunFacts:
    """What gives a run again: known before it is trained. The command has these `options`, about what is written.

    It is None where there is none, as for samples in the memory of a program; so is the SHA-256 of made samples.
    """
    try:
        command = run_command(task, options)
    except NotReproducibleError:
        command = None
    return {
        "config": used_values(task.config),
        "command": command,
        "version": __version__,
        "numpy": np.__version__,
        "data_sha256": task.problem.sha256 or None,
    }


def used_values(config: RunConfig) -> RunFacts:
    """The values that make a difference to a run, by the names of their parameters."""
    return {name: getattr(config, name) for name in PARAMETERS if name not in config.unused}


def facts(snapshot: Snapshot, options: Sequence[str]) -> RunFacts:
    """What a run has come to, and what gives it again: the names of the first six, and their order, never change."""
    with in_english():
        told = verdict(snapshot)
    return {
        "status": str(snapshot.status),
        "epochs": snapshot.epoch,
        "updates": snapshot.updates,
        "w": snapshot.w.tolist(),
        "mean_loss": snapshot.mean_loss,
        "optimum": snapshot.problem.optimum.tolist(),
        **origin(snapshot.task, options),
        "least": snapshot.task.trained.least,
        "verdict": standing(snapshot),
        "told": told,
    }


def fact_lines(found: Mapping[str, object], but: Container[str] = ()) -> list[str]:
    """A line for each fact, `but` for some: its name and, as JSON, its value."""
    return [f"{name}: {json_text(value)}" for name, value in found.items() if name not in but]


def json_text(value: object) -> str:
    """A value as JSON in a line; numbers that are not finite are null."""
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
