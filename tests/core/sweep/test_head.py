"""The head of a sweep: the same space again, to the last bit; what differs is named; damaged ones are refused."""

import hashlib
import json
import platform
from dataclasses import replace

import numpy as np
import pytest

from quadfit_tui import RunConfig, __version__
from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.model.problem import make_problem
from quadfit_tui.core.sweep.head import Head, SweepFileError, processor
from quadfit_tui.core.sweep.space import Space

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


def again(head, folder=""):
    """The head that a file in a folder gives."""
    return Head.from_facts(json.loads(json.dumps(head.facts(folder))), folder)


def told(space):
    """All that there is of a space, to the last bit."""
    return repr(space.base), repr(space.axes), len(space), repr(space.configs([0, len(space) - 1]))


def test_a_head_gives_the_same_space_again():
    for names in (list(AXES), list(AXES)[::-1], ["lr"], []):
        space = Space(BASE, {name: AXES[name] for name in names})
        head = again(Head.of(space))
        assert told(head.space) == told(space)
        assert again(head).facts() == Head.of(space).facts()
    assert list(head.chosen) == [0]
    facts = head.facts()
    assert facts | {"base": ""} == {
        "sweep": 1,
        "base": "",
        "axes": {},
        "cells": 1,
        "random": None,
        "curves": False,
        "version": __version__,
        "numpy": np.__version__,
        "data_sha256": {},
        "processors": [processor()],
    }
    assert "\nlr = 0.5\n" in facts["base"]
    assert processor().startswith(platform.machine())


def test_files_of_samples_are_named_from_the_folder_of_the_sweep_and_told_by_their_content(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.csv").write_text("1,2\n3,4\n5,9\n")
    (tmp_path / "two.csv").write_text("1,2\n3,4\n5,8\n")
    (tmp_path / "out").mkdir()
    digests = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("one.csv", "two.csv")}
    config = RunConfig(data="one.csv", batch="full")
    head = Head.of(Space(config, {"lr": [0.1, 0.2]}))
    assert head.digests == {"one.csv": digests["one.csv"]} == Head.of(head.space, make_problem(config)).digests
    assert again(head).space.base.data == "one.csv"
    facts = head.facts("out")
    assert facts["data_sha256"] == {str(tmp_path / "one.csv"): digests["one.csv"]}
    assert f'data_sha256 = "{digests["one.csv"]}"' in facts["base"]
    monkeypatch.chdir("out")
    elsewhere = Head.from_facts(json.loads(json.dumps(facts)), "")
    assert elsewhere.space.base.data == str(tmp_path / "one.csv")
    assert elsewhere.differences(head) == []  # the same samples by another name
    assert Head.from_facts(head.facts(), "..").space.base.data == "../one.csv"
    monkeypatch.chdir(tmp_path)
    both = Head.of(Space(config, {"data": ["one.csv", "two.csv"]}))
    assert both.digests == digests
    assert again(both, "out").space.axes["data"] == tuple(str(tmp_path / name) for name in digests)
    (tmp_path / "one.csv").write_text("1,2\n")
    (changed,) = head.differences(Head.of(head.space))
    sums = digests["one.csv"], hashlib.sha256(b"1,2\n").hexdigest()
    assert changed == "the file one.csv holds other samples: its SHA-256 was {}, and is {} now".format(*sums)
    assert both.differences(Head.of(both.space)) == ["value 1 of file was {}, and is {} now".format(*sums)]
    (tmp_path / "one.csv").unlink()
    with pytest.raises(ConfigError, match=r"data: 'one.csv' cannot be read: No such file"):
        Head.of(head.space)
    in_memory = RunConfig(data="sha256:" + "0" * 64, batch="full")
    head = again(Head.of(Space(in_memory, {"lr": [0.1]})), "out")
    assert (head.space.base.data, [*head.digests.values()]) == (in_memory.data, ["0" * 64])


@pytest.mark.parametrize(
    ("base", "axes", "changes", "sentences"),
    [
        ({}, {}, {}, []),
        ({"tol": 1e-4}, {}, {}, ["tol was 1e-05, and is 0.0001 now"]),
        ({"round_epochs": 2}, {}, {}, ["round epochs was off, and is 2 now"]),
        ({"lr": 0.3}, {}, {}, []),  # whose values are those of the axis
        ({}, {"lr": [0.1, 0.2, 0.30000000000000004]}, {}, ["value 3 of lr was 0.3, and is 0.30000000000000004 now"]),
        ({}, {"lr": [0.1, 0.2]}, {}, ["lr had 3 values, and has 2 values now"]),
        ({}, {"lr": None}, {}, ["lr varied, and does not now"]),
        ({}, {"batch": [1, 3]}, {}, ["batch varies now, and did not"]),
        ({}, {}, {"random": 5}, ["the number of cells drawn at random was none, and is 5 now"]),
        ({}, {}, {"curves": True}, ["curves were not kept, and are now"]),
        ({}, {}, {"version": "9.9"}, [f"the version of quadfit-tui was {__version__}, and is 9.9 now"]),
        ({}, {}, {"numpy": "1.0"}, [f"the version of NumPy was {np.__version__}, and is 1.0 now"]),
        ({}, {}, {"processors": ("another",)}, []),  # which may go on: the file tells of both
    ],
)
def test_what_differs_is_named(base, axes, changes, sentences):
    usual = {"lr": [0.1, 0.2, 0.3], "seed": range(4)}
    now = {name: values for name, values in (usual | axes).items() if values is not None}
    newer = replace(Head.of(Space(BASE.with_values(base), now)), **changes)
    assert again(Head.of(Space(BASE, usual))).differences(again(newer) if not changes else newer) == sentences


def test_another_order_of_what_varies_is_another_sweep():
    one, other = (
        Head.of(Space(BASE, {name: AXES[name] for name in names})) for names in (["lr", "batch"], ["batch", "lr"])
    )
    assert one.differences(other) == ["what varies was in the order lr, batch, and is in the order batch, lr now"]


def test_cells_are_drawn_by_a_stream_of_the_seed_alone():
    space = Space(BASE.replace(seed=5), {"lr": np.linspace(0.1, 0.9, 300).tolist(), "seed": range(7)})
    head = Head.of(space, random=500)
    drawn = np.random.default_rng([5, 3]).choice(2100, 500, replace=False)
    assert head.chosen.tolist() == sorted(drawn.tolist()) == again(head).chosen.tolist()
    assert len(set(head.chosen.tolist())) == 500
    assert Head.of(space, random=2100).chosen.tolist() == list(range(2100)) == Head.of(space).chosen.tolist()


DAMAGES = [
    1,
    None,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [1],
    {"lr": [1]},
    {"lr": []},
    {"nothing": [1]},
    [[]],
    "lr = ",
    True,
    10**30,
]


def test_a_damaged_head_is_refused_in_one_line():
    facts = Head.of(Space(BASE, {"lr": [0.1, 0.2], "seed": range(3)}), random=4).facts()
    assert Head.from_facts(facts).random == 4
    refusals = []
    for name in facts:
        for damage in DAMAGES:
            try:
                Head.from_facts(facts | {name: damage})
            except SweepFileError as refusal:
                refusals.append(str(refusal))
    assert len(refusals) > 100
    assert [text for text in refusals if len(text.splitlines()) != 1] == []
    for facts in (None, [], 3, {}, "sweep"):
        with pytest.raises(SweepFileError, match="is not the file of a sweep"):
            Head.from_facts(facts)
    with pytest.raises(SweepFileError, match="of another version"):
        Head.from_facts({"sweep": 2})
