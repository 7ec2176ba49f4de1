"""A run as text, CSV and JSON lines."""

import json
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.markdown_update import markdown_update
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.export.formats import EXPORTERS, formats_of, picture_of, update_of, writer_of
from quadfit_tui.core.export.picture import ansi_lines, svg_lines, text_lines
from quadfit_tui.core.export.writers import NarrowTextWriter, Writer
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.record import Record

CONFIG = PRESETS["article-minibatch"].replace(epochs=6, noise=0.3, seed=2, lr=0.123456789)


def played(config):
    session = RunSession(config, speed=None)
    session.play()
    records = []
    while not session.status.ended:
        records += session.advance(1.0)
    return records, session.snapshot()


def written(style, config):
    """The lines of a run, with what it came from."""
    writer = writer_of(style)(config)
    records, end = played(config)
    return writer.head(), [writer.epoch(record) for record in records], writer.end(end), records, end


def numbers(record):
    return [record.lr, *record.gradient.tolist(), record.loss, record.mean_loss, *record.w.tolist()]


def test_formats_are_those_of_the_contract():
    assert {name: row.suffix for name, row in EXPORTERS.items()} == {
        "text": ".txt",
        "article": "",  # of no file by itself
        "csv": ".csv",
        "jsonl": ".jsonl",
        "spoken": "",
        "ansi": ".ansi",
        "svg": ".svg",
        "markdown": ".md",
    }
    assert formats_of("writer") == ("text", "article", "csv", "jsonl", "spoken")
    assert formats_of("picture") == ("text", "ansi", "svg")
    assert formats_of("update") == ("text", "spoken", "markdown")
    assert all(issubclass(writer_of(name), Writer) for name in formats_of("writer"))
    assert [picture_of(name) for name in formats_of("picture")] == [text_lines, ansi_lines, svg_lines]
    assert [update_of(name) for name in formats_of("update")] == [worked_update, spoken_update, markdown_update]


def test_csv_reads_back_to_the_same_doubles():
    head, rows, end, records, _ = written("csv", CONFIG)
    assert head == ["epoch,lr,gradient_a,gradient_b,gradient_c,loss,mean_loss,a,b,c"]
    assert end == []
    for row, record in zip(rows, records, strict=True):
        epoch, *cells = row.split(",")
        assert int(epoch) == record.epoch
        assert [float(cell) for cell in cells] == numbers(record)


def test_jsonl_reads_back_to_the_same_doubles():
    head, lines, last, records, end = written("jsonl", CONFIG)
    assert head == []
    for line, record in zip(lines, records, strict=True):
        row = json.loads(line)
        assert list(row) == ["epoch", "lr", "gradient", "loss", "mean_loss", "w"]
        assert row["epoch"] == record.epoch
        values = [row["lr"], *row["gradient"], row["loss"], row["mean_loss"], *row["w"]]
        assert values == numbers(record)
    (closing,) = map(json.loads, last)
    assert list(closing.items())[:6] == [
        ("status", "finished"),
        ("epochs", 6),
        ("updates", 300),
        ("w", end.w.tolist()),
        ("mean_loss", end.mean_loss),
        ("optimum", end.problem.optimum.tolist()),
    ]


@pytest.mark.parametrize(
    ("config", "status"),
    [(RunConfig(samples=10, init=(2, -4, 3)), "converged"), (CONFIG, "finished"), (PRESETS["too-fast"], "diverged")],
)
def test_jsonl_ends_with_the_status(config, status):
    (last,) = written("jsonl", config)[2]
    assert json.loads(last)["status"] == status


def strictly(line):
    """JSON as other programs read it: without Python's NaN and Infinity."""

    def refuse(word):
        raise AssertionError(word)

    return json.loads(line, parse_constant=refuse)


@pytest.mark.parametrize("worst", [math.nan, math.inf, -math.inf])
def test_jsonl_writes_null_for_non_finite(worst):
    writer = writer_of("jsonl")(CONFIG)
    task, w = (
        SimpleNamespace(trained=SimpleNamespace(mean_loss=lambda _: worst), to_x=lambda w: w),
        np.array([3.0, worst, 4.0]),
    )
    record = Record(task, 0, 1, 0.5, np.array([worst, 1.0, 2.0]), worst, w, w, ends_epoch=True)
    assert strictly(writer.epoch(record)) == {
        "epoch": 0,
        "lr": 0.5,
        "gradient": [None, 1, 2],
        "loss": None,
        "mean_loss": None,
        "w": [3, None, 4],
    }


def test_jsonl_ends_run_with_infinite_loss():
    _, end = played(PRESETS["too-fast"])
    end = replace(end, trained_w=np.full(3, 1e200), record=None)
    assert end.mean_loss == math.inf
    (line,) = writer_of("jsonl")(end.config).end(end)
    assert strictly(line)["mean_loss"] is None


def test_article_log_decimals_match_rounding():
    _, (row, *_), *_ = written("article", PRESETS["article"].replace(round_epochs=4, epochs=1))
    epoch, *cells = row.split()
    assert epoch == "0"
    assert all(re.fullmatch(r"-?\d+\.\d{4}", cell) for cell in cells)


@pytest.mark.parametrize("name", ["article", "too-fast"])
def test_text_columns_stay_aligned(name):
    _, rows, *_ = written("article", PRESETS[name])
    assert len({len(row) for row in rows}) == 1
    assert all(len(row.split()) == 8 for row in rows)
    (head,), rows, _, records, _ = written("text", PRESETS[name])
    assert {len(row) for row in rows} == {len(head)} == {87}
    for row, record in zip(rows, records, strict=True):
        for cell, number in zip(row.split(), [record.epoch, *numbers(record)], strict=True):
            assert float(cell) == pytest.approx(number, rel=0.2)  # 1e+191 has the fewest digits
    (head,) = NarrowTextWriter(PRESETS[name]).head()
    narrow = [NarrowTextWriter(PRESETS[name]).epoch(record) for record in records]
    assert {len(row) for row in narrow} == {len(head)} == {60}
    assert [row.split() for row in narrow] == [[*row.split()[:2], *row.split()[5:]] for row in rows]


@pytest.mark.parametrize("decimals", [0, 12])
def test_article_log_stays_aligned_in_divergence(decimals):
    config = RunConfig(round_epochs=decimals, lr=10, batch="full", schedule="constant", epochs=111)
    _, rows, _, records, _ = written("article", config)
    assert records[-1].w[2] > 1e100
    assert len({len(row) for row in rows}) == 1
    width = max(9, decimals + 7)
    for row, record in zip(rows, records, strict=True):
        epoch, *cells = row.split()
        assert int(epoch) == record.epoch
        numbers = [*record.gradient.tolist(), *record.w.tolist()]
        for cell, number in zip([*cells[:3], *cells[4:]], numbers, strict=True):
            assert float(cell) == pytest.approx(number, rel=10.0 ** (9 - width), abs=0.6 * 10.0**-decimals)


def test_text_leaves_a_divergence_to_standard_error():
    assert written("text", PRESETS["too-fast"])[2] == []
    assert written("text", CONFIG)[2] != []
