"""What `lessons` lists is set by the columns of a terminal: lessons, the votes of a class."""

from dataclasses import replace

import pytest
from lessons_taken import OF_SMALL, SMALL
from pseudo_locale import narrowed, starts, widened
from rich.cells import cell_len

from quadfit_tui.teaching.classroom.classroom import Question, VoteState, now
from quadfit_tui.teaching.classroom.tally import Tally
from quadfit_tui.teaching.cli.lessons_class import vote_lines

LESSON = """+++
format = 1
id = "{id}"
title = "{title}"
aim = "{aim}"
minutes = 20
+++

## Read {{#read .say}}
It is so.
"""
LONG = widened("a title that is as long as the longest one can be: sixty")
AIM = "预测学习率放大十倍会怎样，并找出这组数据的上限。" * 3


def test_lesson_list_columns_are_aligned(call, tmp_path):
    for number, (id, title) in enumerate([("rate", "学习率"), ("a-longer-id", LONG), ("x", "Plain")]):
        (tmp_path / f"0{number}-{id}.md").write_text(LESSON.format(id=id, title=title, aim=AIM), encoding="utf-8")
    lines = call("lessons", "list", "--lessons", tmp_path)[1].splitlines()
    assert max(map(cell_len, lines)) <= 78
    titled = [(line, begin) for line in lines for begin in ("学习率 (", LONG[:9], "Plain (") if begin in line]
    assert [starts(*each) for each in titled] == [17] * 3
    assert {len(line) - len(line.lstrip()) for line in lines if not line[:2].strip()} == {17}
    told = "".join("".join(lines).split())
    assert told.count("".join(AIM.split())) == 3
    assert "".join(LONG.split()) in told
    assert not any(line.strip().startswith(("，", "。")) for line in lines)


@pytest.mark.parametrize("round", [1, 2])
def test_what_a_teacher_watches_fits_a_terminal(round):
    look = replace(SMALL.by_id["look"], title=LONG)
    lesson = replace(SMALL, steps=tuple(look if step.id == "look" else step for step in SMALL.steps))
    tally = Tally([f"/home/{'李小龙' * 9}"], lesson, look, OF_SMALL)
    tally.refresh(None)
    assert list(tally.left_out.values()) == ["No such file or directory"]
    lines = vote_lines(tally, Question(SMALL.id, "look", round, VoteState.OPEN, now()), [widened("a note, ") * 9])
    assert max(map(cell_len, lines)) <= 78
    assert narrowed("".join("".join(lines).split())).count("anote,") == 9
