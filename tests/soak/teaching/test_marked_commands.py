"""Each text of the commands of lessons is looked up: in a language that marks its texts each has a mark."""

import pytest
from looked_up import check_refusal, left_over_of_command
from pseudo_locale import pseudo_locale

from quadfit_tui.main import cli
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.teaching.notation.vocabulary import FUNCTIONS, MOMENT_FACTS, RUN_FACTS

FACTS = (*RUN_FACTS, *MOMENT_FACTS, *FUNCTIONS, *LINK_TARGETS)
_OF_REFUSALS = ("preset", "nothing", *cli.commands, *(lesson.id for lesson in Catalog.packaged().lessons))
REFUSED = (
    "--students x",
    "--lesson rate --lr 1",
    "--spoken --fps 3",
    "--spoken --lesson rat",
    "lessons check --against a.md",
    "lessons check a.md",
    "lessons report . --words -f csv --as-root",
    "lessons report . --since x --as-root",
    "lessons report . --since 2026-01-02 --until 2026-01-01 --as-root",
    "lessons report . --names nothing.csv --as-root",
    "lessons report nothing --as-root",
    "lessons watch nothing --as-root",
    "lessons new A",
    "lessons new a --columns x,y",
    "lessons play nothing",
    "lessons handout",
)


@pytest.fixture(autouse=True)
def _marked():
    with pseudo_locale():
        yield


@pytest.mark.parametrize("line", REFUSED)
def test_refusals(call, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_refusal(call(*line.split()), *_OF_REFUSALS)


def test_what_helps_to_write_a_lesson(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = [*call("lessons", "facts")[1:], *call("lessons", "new", "ours")[1:]]
    names = (*FACTS, *["and", "or", "not", "slow", "fast", "ours", "optimum", "beta"])
    assert sorted({word for text in told for word in left_over_of_command(text, *names)}) == []
