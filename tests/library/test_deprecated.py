"""What goes with the next version: it works as it did, and each call warns with the one that takes its place."""

import re
import warnings

import pytest

from quadfit_tui import PRESETS, RunConfig, Session


@pytest.mark.parametrize(("place", "instead"), [((3,), "2"), ((15, 3), "15:3"), ((0,), "start")])
def test_seek_counts_epochs_that_are_done(place, instead):
    session = Session(RunConfig(), speed=None)
    session.go(20)
    with pytest.warns(DeprecationWarning, match=rf'session\.go\("{instead}"\)') as told:
        session.seek(*place)
    assert told[0].filename == __file__
    while session.is_busy:
        session.advance(1)
    at = session.snapshot()
    with warnings.catch_warnings(action="error"):
        session.jump(1)
        session.go(instead)
    assert (session.snapshot().position, session.snapshot().w.tolist()) == (at.position, at.w.tolist())


@pytest.mark.parametrize(
    ("old", "instead"),
    [
        ("PRESETS | others", "{**PRESETS, **others}"),
        ("others | PRESETS", "{**others, **PRESETS}"),
        ("PRESETS.copy()", "dict(PRESETS)"),
    ],
)
def test_presets_copy_as_a_dict_does(old, instead):
    names = {"PRESETS": PRESETS, "others": {"mine": RunConfig(lr=0.1), "article": RunConfig(lr=0.2)}}
    with pytest.warns(DeprecationWarning, match=rf"; {re.escape(instead)} takes its place") as told:
        found = eval(compile(old, __file__, "eval"), names)
    assert told[0].filename == __file__
    with warnings.catch_warnings(action="error"):
        assert list(found.items()) == list(eval(instead, names).items())
    assert type(found) is dict


def test_what_went_at_once_is_refused():
    with pytest.raises(TypeError, match="'Presets' object does not support item assignment"):
        PRESETS["mine"] = RunConfig()
    with pytest.raises(ValueError, match=r"^speed: '0.5' cannot be used; allowed: a whole number above 0, or None$"):
        Session(RunConfig(), speed=0.5)


def test_values_have_the_places_of_before():
    names = (
        "true samples x_min x_max noise data columns encoding seed init optimizer momentum rho beta1 beta2 epsilon lr"
    )
    assert RunConfig.__match_args__[:17] == tuple(names.split())
    assert RunConfig((2, -4, 3), 24, -1, 1, 0, None, None, "auto", 7) == RunConfig(samples=24, seed=7)
