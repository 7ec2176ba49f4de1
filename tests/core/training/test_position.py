"""Moments of a run as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.training.position import (
    START,
    Position,
    allowed_moments,
    allowed_updates,
    format_moment,
    moment_phrase,
    moments_in_brief,
    parse_moment,
)


@table(
    ("text", "position"),
    [
        ("start", (0, 0)), (" Start ", (0, 0)), ("14", (15, 0)), (" 14 ", (15, 0)), ("15:3", (15, 3)),
        ("15 : 3", (15, 3)), ("１５：３", (15, 3)), ("0:1", (0, 1)), ("0", (1, 0)), ("15:800", (16, 0)),
        ("99", (100, 0)), ("99:800", (100, 0)), ("9e1", (91, 0)),
    ],
)  # fmt: skip
def test_read_moment_accepts_common_spellings(text, position):
    assert parse_moment(text, 100, 800) == position


@table(
    ("text", "reason"),
    [
        ("", "is not a number"),
        ("abc", "is not a number"),
        ("start:3", "is not a number"),
        ("1.5", "is not a whole number"),
        ("100", "is too large"),
        ("-1", "is too small"),
        ("15:0", "is too small"),
        ("15:801", "is too large"),
        ("1_0", "is not a number"),
        ("15:1_0", "is not a number"),
        ("15:", "is not a number"),
        ("15:3:4", "is not a number"),
        (":3", "is not a number"),
        ("9" * 301, "is longer than 300 characters"),
    ],
)
def test_invalid_moment_is_refused_with_reason(text, reason):
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the words are compared
        parse_moment(text, 100, 800)
    assert str(refused.value).endswith(f"' {reason}")
    assert repr(text[:297])[:-1] in str(refused.value)


@table(
    ("position", "name", "words"),
    [
        (START, "start", "the start"),
        (Position(0, 1), "0:1", "epoch 0:1"),
        (Position(15, 0), "14", "epoch 14"),
        (Position(15, 3), "15:3", "epoch 15:3"),
    ],
)
def test_moment_names_last_completed_update(position, name, words):
    assert format_moment(position) == name
    assert moment_phrase(position) == words


@trials(200)
@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_moment_round_trip(updates, per_epoch):
    position = Position.after(updates, per_epoch)
    assert 0 <= position.update < per_epoch
    assert position.updates(per_epoch) == updates
    assert position.epochs(per_epoch) == pytest.approx(updates / per_epoch)
    assert parse_moment(format_moment(position), position.epoch + 1, per_epoch) == position


def test_texts_of_allowed_moments():
    assert allowed_moments(100, 800) == "start, 0 to 99, or 0:1 to 99:800"
    assert allowed_moments(100, 1) == "start, 0 to 99"
    assert allowed_moments(1, 2) == "start, 0, or 0:1 to 0:2"
    assert moments_in_brief(100, 800) == ("start, 0 to 99, or 15:3", "0 to 99, or 15:3")
    assert moments_in_brief(10, 1) == ("start, 0 to 9", "0 to 9")
    assert moments_in_brief(1, 2) == ("start, 0, or 0:2", "0, or 0:2")
    assert allowed_updates(100, 800) == "0 to 99, or 0:1 to 99:800"
    assert allowed_updates(100, 1) == "0 to 99"
    assert allowed_updates(1, 3) == "0, or 0:1 to 0:3"
