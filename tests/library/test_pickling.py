"""Every public object in another process: by fork and spawn of multiprocessing, and by joblib."""

import pickle

import numpy as np
import pytest
from other_processes import WAYS, by_processes
from trials import variants

from quadfit_tui import (
    PRESETS,
    Interrupted,
    RateMap,
    RunConfig,
    Session,
    diagnose,
    explain,
    library,
    rate_map,
    train,
)

_PROGRAM = """
from quadfit_tui import PRESETS, RunConfig, Session, diagnose, explain, rate_map, train

CONFIGS = [PRESETS["noisy"], RunConfig(optimizer="adam", lr=1), RunConfig(lr=1e6)]


def played(session):
    session.go("1:2")
    return session


def told(run):
    return explain(run, "0:1").splitlines()[0]


def main(do):
    runs = do(train, CONFIGS)
    print([run.status for run in runs], [run.w.flags.writeable for run in runs])
    print([bool((run.w == train(run.config).w).all()) for run in runs])
    print(do(told, runs))
    print([session.go("1:3").update for session in do(played, [Session(config) for config in CONFIGS[:2]])])
    print([found.condition > 1 for found in do(diagnose, CONFIGS)])
    print([str(found.up) for found in do(rate_map, [PRESETS["momentum"].replace(samples=24)])])
"""


@pytest.mark.parametrize("way", variants({way: way for way in WAYS}, 1))
def test_objects_go_to_another_process_and_back(tmp_path, way):
    told = by_processes(tmp_path / "program.py", way, _PROGRAM)
    updates = [f"Epoch 0, update 1 of {count} (update 1 of the run)" for count in (50, 800, 800)]
    assert told == [
        "['finished', 'converged', 'diverged'] [False, False, False]",
        "[True, True, True]",
        repr(updates),
        "[3, 3]",
        "[True, True, True]",
        "['momentum']",
    ]


def objects():
    """One of each public kind, after it was used."""
    run = train(PRESETS["momentum"])
    explain(run, "3")
    session = Session(PRESETS["adam"], x=np.arange(40.0), y=np.arange(40.0) ** 2)
    session.go("1:1")
    yield from (PRESETS, RunConfig(lr=0.1), run, run.updates(3), run.samples, session, session.snapshot())
    yield from (diagnose(PRESETS["momentum"]), rate_map(PRESETS["momentum"], size=(3, 3)), Interrupted(run))
    for preset in PRESETS.values():
        played = Session(preset, speed=None)
        played.play()
        played.advance(0.01)
        yield played


def test_pickled_objects_are_equal():
    kinds = set()
    for before in objects():
        after = pickle.loads(pickle.dumps(before))
        assert (type(after), repr(after)) == (type(before), repr(before))
        kinds.add(type(before).__name__)
        if isinstance(before, RateMap):
            arrays = [value for value in vars(after).values() if isinstance(value, np.ndarray)]
            assert not any(array.flags.writeable for array in arrays)
        if isinstance(before, Session):
            place = 1 if before.config.epochs > 1 else "start"
            ends = [(session.go(place).w.tolist(), session.samples.x.tolist()) for session in (before, after)]
            assert ends[0] == ends[1]
    promised = {name for name in library.__all__ if name[0].isupper() and name not in ("PRESETS", "ConfigError")}
    assert promised <= kinds  # ConfigError is among the exceptions


def test_pickled_session_plays_by_local_clock():
    session = Session(RunConfig())
    session.play()
    session._pacer._earned_at += 1e9  # as of a machine that has run for decades
    after = pickle.loads(pickle.dumps(session))
    after.advance(0.01)
    assert after.snapshot().updates > 0
