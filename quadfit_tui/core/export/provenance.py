"""Provenance: the facts about a run that its files contain: how to reproduce it, and how it came out."""

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
from quadfit_tui.core.session.verdict import progress_word, verdict
from quadfit_tui.core.text.language import in_english

RunFacts = dict[str, object]  # names of facts and JSON values


def origin(task: FitTask, options: Sequence[str]) -> RunFacts:
    """Returns the facts that reproduce a run, which are known before training; `options` are added to the command.

    The command is None if there is none, as for samples in the memory of a program; so is the SHA-256 of generated
    samples.
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
    """Returns the values that affect a run, by the names of their parameters."""
    return {name: getattr(config, name) for name in PARAMETERS if name not in config.unused}


def facts(snapshot: Snapshot, options: Sequence[str]) -> RunFacts:
    """Returns how a run came out, and how to reproduce it, for JSON lines and file comments.

    The names of the first six facts, and their order, never change.
    """
    with in_english():
        message = verdict(snapshot)
    return {
        "status": str(snapshot.status),
        "epochs": snapshot.epoch,
        "updates": snapshot.updates,
        "w": snapshot.w.tolist(),
        "mean_loss": snapshot.mean_loss,
        "optimum": snapshot.problem.optimum.tolist(),
        **origin(snapshot.task, options),
        "least": snapshot.task.trained.least,
        "verdict": progress_word(snapshot),
        "told": message,
    }


def fact_lines(run_facts: Mapping[str, object], but: Container[str] = ()) -> list[str]:
    """Formats each fact, except those of `but`, as a line: its name and, as JSON, its value."""
    return [f"{name}: {json_text(value)}" for name, value in run_facts.items() if name not in but]


def json_text(value: object) -> str:
    """Formats a value as one line of JSON; numbers that are not finite become null."""
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: object) -> object:
    """Replaces numbers that are not finite by None, also within lists and dicts."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
