"""Texts are English without a catalogue, else those of the one in use; lists and plurals are as a language has them."""

import gettext

import pytest
from marked import marked, outside
from tables import table

from quadfit_tui.core.text import language
from quadfit_tui.core.text.language import (
    _,
    clauses,
    comma_separated,
    counted_as,
    either,
    full_stop,
    in_context,
    in_english,
    listed,
    noted,
    paragraph,
)
from quadfit_tui.core.text.quoting import did_you_mean
from quadfit_tui.core.text.sentences import capitalized

CHINESE = {
    "{first} and {last}": "{first}和{last}",
    "{first} or {last}": "{first}或{last}",
    ("between the items of a list", ", "): "、",
    ("between the clauses of a sentence", "; "): "；",
    ("sentences", "{first} {then}"): "{first}{then}",
    ("letter that begins a sentence, capital or small", "A"): "a",
    "{clauses}.": "{clauses}。",
    ("of a run", "start"): "起点",
    "{problem} (did you mean {word}?)": "{problem}（你是不是要写 {word}？）",
    "{n} epochs left, of {all}": "{all} 轮还剩 {n} 轮",
}


class Chinese(gettext.NullTranslations):
    """A few texts; a noun has one form."""

    def gettext(self, message):
        return CHINESE.get(message, message)

    def ngettext(self, msgid1, msgid2, n):  # noqa: ARG002
        return CHINESE[msgid2]

    def pgettext(self, context, message):
        return CHINESE.get((context, message), message)


@pytest.fixture
def _chinese():
    language.use(Chinese())
    yield
    language.use(None)


@table(
    ("said", "listed_as", "choice", "row"),
    [("a", "a", "a", "a"), ("ab", "a and b", "a or b", "a, b"), ("abc", "a, b and c", "a, b or c", "a, b, c")],
)
def test_lists(said, listed_as, choice, row):
    assert (listed(said), either([*said]), comma_separated(tuple(said))) == (listed_as, choice, row)


def test_english_is_what_there_is_without_a_catalogue():
    assert (_("a loss"), _(""), noted("a loss"), in_context("of a run", "start")) == ("a loss", "", "a loss", "start")
    assert clauses(["it is so", "press i"]) == "it is so; press i"
    assert paragraph(["It is so.", "Press i."]) == "It is so. Press i."
    assert full_stop(capitalized("it is so")) == "It is so."
    assert did_you_mean("'rum' is no command", "rum", ["run"]) == "'rum' is no command (did you mean 'run'?)"
    assert did_you_mean("'xyz' is no command", "xyz", ["run"]) == "'xyz' is no command"


@table(
    ("n", "said"),
    [
        (0, "0 epochs left, of 9"),
        (1, "1 epoch left, of 9"),
        (9_999, "9999 epochs left, of 9"),
        (12_345, "12,345 epochs left, of 9"),
    ],
)
def test_counts(n, said):
    assert counted_as("{n} epoch left, of {all}", "{n} epochs left, of {all}", n, all=9) == said


@pytest.mark.usefixtures("_chinese")
def test_a_catalogue_in_use_has_lists_plurals_and_contexts_of_its_own():
    assert (listed("abc"), either("abc"), comma_separated("abc")) == ("a、b和c", "a、b或c", "a、b、c")
    assert (clauses("ab"), paragraph("ab"), full_stop(capitalized("ab"))) == ("a；b", "ab", "ab。")
    assert (in_context("of a run", "start"), in_context("of samples", "start")) == ("起点", "start")
    assert counted_as("{n} epoch left, of {all}", "{n} epochs left, of {all}", 1, all=9) == "9 轮还剩 1 轮"
    assert did_you_mean("没有命令 'rum'", "rum", ["run"]) == "没有命令 'rum'（你是不是要写 'run'？）"
    assert noted("start") == "start"
    with in_english():
        assert (listed("ab"), in_context("of a run", "start")) == ("a and b", "start")
    assert listed("ab") == "a和b"
    assert _("") == ""


def test_what_is_not_looked_up_stands_outside_the_marks():
    with marked():
        told = _("w moved by {distance}, as {why}").format(distance=0.5, why="told")
        assert told == "⟦w moved by ⟧0.5⟦, as ⟧told⟦⟧"
        assert outside(told) == ["told"]
        assert outside(told, names=["told"]) == []
        assert outside(f"lr {_('is a rate')} of schedule halve, --x-min") == []
        assert outside(counted_as("{n} epoch", "{n} epochs", 3)) == []
        assert outside(listed(["lr", "tol", "batch"])) == []
        for cut in ("⟦it is", "it is⟧", "⟦a ⟦b⟧⟧"):
            with pytest.raises(AssertionError):
                outside(cut)
    assert _("w moved") == "w moved"
