"""Points and updates of a run as people write them."""

import pytest

from quadfit_tui.core.training.position import Position, position_text, read_position, read_update, update_text


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("15", (15, 0)),
        (" 15 ", (15, 0)),
        ("15:3", (15, 3)),
        ("15 : 3", (15, 3)),
        ("１５：３", (15, 3)),
        ("15:0", (15, 0)),
        ("15:800", (16, 0)),
        ("0", (0, 0)),
        ("100", (100, 0)),
        ("99:800", (100, 0)),
        ("1e2", (100, 0)),
    ],
)
def test_a_point_is_understood_as_people_write_it(text, point):
    assert read_position(text, 100, 800) == point


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("abc", "epoch 'abc' is not a number; allowed: 0 to 100"),
        ("1.5", "epoch '1.5' is not a whole number; allowed: 0 to 100"),
        ("101", "epoch '101' is too large; allowed: 0 to 100"),
        ("-1", "epoch '-1' is too small; allowed: 0 to 100"),
        (":3", "epoch '' is not a number; allowed: 0 to 100"),
        ("15:", "update '' is not a number; allowed: 0 to 800"),
        ("15:801", "update '801' is too large; allowed: 0 to 800"),
        ("15:3:4", "update '3:4' is not a number; allowed: 0 to 800"),
        ("100:3", "epoch '100:3' is too large; allowed: 0 to 100"),
    ],
)
def test_what_is_no_point_is_refused_with_what_is_allowed(text, said):
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the words are compared
        read_position(text, 100, 800)
    assert str(refused.value) == said


def test_what_is_written_reads_back():
    for point in (Position(0, 0), Position(15, 0), Position(15, 3), Position(0, 1)):
        assert read_position(position_text(point), 100, 800) == point


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("15", (16, 0)),
        ("15:3", (15, 3)),
        ("15:800", (16, 0)),
        ("１５ ： ３", (15, 3)),
        ("0:1", (0, 1)),
        ("99", (100, 0)),
    ],
)
def test_an_update_is_understood_as_the_point_that_it_leads_to(text, point):
    assert read_update(text, 100, 800) == point


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc", "is not a number"),
        ("100", "is too large"),
        ("-1", "is too small"),
        ("15:0", "is too small"),
        ("15:801", "is too large"),
        ("15:", "is not a number"),
        (":3", "is not a number"),
    ],
)
def test_what_is_no_update_is_refused_with_what_is_allowed(text, reason):
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the words are compared
        read_update(text, 100, 800)
    allowed = "EPOCH or EPOCH:UPDATE, epoch 0 to 99 and update 1 to 800"
    assert str(refused.value) == f"'{text}' {reason}; allowed: {allowed}"


def test_an_update_that_is_written_reads_back():
    for epoch, update in ((0, 1), (15, 3), (15, 800)):
        leads_to = (epoch + 1, 0) if update == 800 else (epoch, update)
        assert read_update(update_text(epoch, update), 100, 800) == leads_to
    assert read_update(update_text(15), 100, 800) == (16, 0)
