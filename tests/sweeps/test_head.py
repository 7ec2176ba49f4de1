"""The head of a sweep: the same space again, to the last bit, from its TOML file; what differs is named."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from tables import table
from trials import AT_LENGTH

from quadfit_tui import RunConfig, __version__
from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.sweeps.head import SweepHeader
from quadfit_tui.sweeps.space import Space

BASE = RunConfig(samples=9, epochs=3, noise=0.1)
AXES = {
    "true": [(0.1, -1 / 3, 5e-324), (2, -4, 3)],
    "init": ["random", (1 / 3, -0.0, 1e12)],
    "optimizer": ["sgd", "momentum"],
    "momentum": [0.1 + 0.2, 1 - 2**-53],
    "lr": np.geomspace(1e-3, 1, 7).tolist(),
    "batch": [1, "full"],
    "shuffle": [False, True],
    "epochs": [1, 3],
    "round_epochs": [None, 2],
    "seed": [0, 10**18],
}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def again(head, path="s.csv"):
    """The head that the file gives which this one writes."""
    head.write(path)
    return SweepHeader.read(path)


def told(space):
    """All that there is of a space, to the last bit."""
    return repr(space.base), repr(space.axes), len(space), repr(space.configs([0, len(space) - 1]))


def test_a_head_gives_the_same_space_again():
    for names in (list(AXES), list(AXES)[::-1], ["lr"], []):
        space = Space(BASE, {name: AXES[name] for name in names})
        head = SweepHeader.of(space)
        assert told(again(head).space) == told(space)
        assert again(head).differences(head) == []
    assert list(head.chosen) == [0]
    found = again(replace(head, random=1, suspects=(0,)))
    assert (found.random, found.suspects, found.version, found.numpy) == (1, (0,), __version__, np.__version__)


def test_as_many_values_as_are_allowed_are_read_again():
    head = SweepHeader.of(Space(BASE, {"seed": range(1_000_000 if AT_LENGTH else 50_000)}))
    assert again(head).space.axes == head.space.axes
    with pytest.raises(ConfigError, match="1,000,001 values"):
        SweepHeader.of(Space(BASE, {"seed": range(1_000_001)}))


def test_sample_files_identified_by_content(tmp_path):
    for name, last in (("one.csv", 9), ("two.csv", 8)):
        (tmp_path / name).write_text(f"1,2\n3,4\n5,{last}\n")
    digests = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("one.csv", "two.csv")}
    config = RunConfig(data="one.csv", batch="full")
    head = SweepHeader.of(Space(config, {"lr": [0.1, 0.2]}))
    assert head.digests == {"one.csv": digests["one.csv"]} == SweepHeader.of(head.space, make_dataset(config)).digests
    assert again(head).digests == head.digests
    both = SweepHeader.of(Space(config, {"data": ["one.csv", "two.csv"]}))
    assert (both.digests, again(both).digests) == (digests, digests)
    (tmp_path / "two.csv").write_text("1,2\n")
    assert both.differences(SweepHeader.of(both.space)) == ["the files of samples are others"]
    (tmp_path / "one.csv").unlink()
    with pytest.raises(ConfigError, match=r"data: 'one.csv' cannot be read: No such file"):
        SweepHeader.of(head.space)


@table(
    ("base", "axes", "changes", "sentences"),
    [
        ({}, {}, {}, []),
        ({"tol": 1e-4}, {}, {}, ["tol was 1e-05, and is 0.0001 now"]),
        ({"round_epochs": 2}, {}, {}, ["round epochs was off, and is 2 now"]),
        ({"lr": 0.3}, {}, {}, []),  # whose values are those of the axis
        ({}, {"lr": [0.1, 0.2, 0.30000000000000004]}, {}, ["lr has other values"]),
        ({}, {"lr": [0.1, 0.2]}, {}, ["lr has other values"]),
        ({}, {"lr": None}, {}, ["lr has other values", "the runs are others, or in another order"]),
        ({}, {"batch": [1, 3]}, {}, ["batch has other values", "the runs are others, or in another order"]),
        ({}, {}, {"random": 5}, ["the runs are others, or in another order"]),
        ({}, {}, {"version": "9.9"}, [f"the version of quadfit-tui was {__version__}, and is 9.9 now"]),
        ({}, {}, {"numpy": "1.0"}, [f"the version of NumPy was {np.__version__}, and is 1.0 now"]),
    ],
)
def test_what_differs_is_named(base, axes, changes, sentences):
    usual = {"lr": [0.1, 0.2, 0.3], "seed": range(4)}
    now = {name: values for name, values in (usual | axes).items() if values is not None}
    newer = replace(SweepHeader.of(Space(BASE.with_values(base), now)), **changes)
    assert again(SweepHeader.of(Space(BASE, usual))).differences(newer) == sentences
    other = SweepHeader.of(Space(BASE, dict(reversed(usual.items()))))
    assert other.differences(SweepHeader.of(Space(BASE, usual))) == ["the runs are others, or in another order"]


def test_random_cells_depend_on_seed_alone():
    space = Space(BASE.replace(seed=5), {"lr": np.linspace(0.1, 0.9, 300).tolist(), "seed": range(7)})
    head = SweepHeader.of(space, random=500)
    drawn = np.random.default_rng([5, 3]).choice(2100, 500, replace=False)
    assert head.chosen.tolist() == sorted(drawn.tolist()) == again(head).chosen.tolist()
    assert (
        SweepHeader.of(space, random=2100).chosen.tolist() == list(range(2100)) == SweepHeader.of(space).chosen.tolist()
    )
