"""Texts are English without a catalogue, else those of the one in use; lists and plurals are as a language has them."""

import gettext

import pytest
from locales import catalogue
from pseudo_locale import outside, pseudo_locale
from tables import table

from quadfit_tui.core.text import language
from quadfit_tui.core.text.language import (
    N_,
    _,
    clauses,
    comma_separated,
    current_language,
    full_stop,
    in_english,
    join_and,
    join_or,
    join_text_or,
    labeled,
    language_from_env,
    match_language,
    ngettext,
    paragraph,
    pgettext,
    statements,
    with_remark,
)
from quadfit_tui.core.text.quoting import did_you_mean
from quadfit_tui.core.text.sentences import capitalized

CHINESE = {
    "{first} and {last}": "{first}和{last}",
    "{first} or {last}": "{first} 或 {last}",
    ("texts", "{first} or {last}"): "{first}或{last}",
    "{name}: {text}": "{name}：{text}",
    "{text} ({remark})": "{text}（{remark}）",
    ("between the items of a list", ", "): "、",
    ("between statements", ", "): "，",
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
    language.install_catalog(Chinese())
    yield
    language.install_catalog(None)


@table(
    ("said", "listed_as", "choice", "row"),
    [("a", "a", "a", "a"), ("ab", "a and b", "a or b", "a, b"), ("abc", "a, b and c", "a, b or c", "a, b, c")],
)
def test_lists(said, listed_as, choice, row):
    assert (join_and(said), join_or([*said]), comma_separated(tuple(said))) == (listed_as, choice, row)


def test_english_without_catalogue():
    assert (_("a loss"), _(""), N_("a loss"), pgettext("of a run", "start")) == ("a loss", "", "a loss", "start")
    assert clauses(["it is so", "press i"]) == "it is so; press i"
    assert paragraph(["It is so.", "Press i."]) == "It is so. Press i."
    assert full_stop(capitalized("it is so")) == "It is so."
    assert (join_text_or("abc"), labeled("a", "b"), with_remark("a", "b")) == ("a, b or c", "a: b", "a (b)")
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
    assert ngettext("{n} epoch left, of {all}", "{n} epochs left, of {all}", n, all=9) == said


@pytest.mark.usefixtures("_chinese")
def test_catalogue_sets_lists_plurals_and_contexts():
    assert (join_and("abc"), join_or("abc"), comma_separated("abc")) == ("a、b和c", "a、b 或 c", "a、b、c")
    assert (join_text_or("abc"), labeled("a", "b"), with_remark("a", "b")) == ("a、b或c", "a：b", "a（b）")
    assert statements(["a = 1", "b = 2"]) == "a = 1，b = 2"
    assert (clauses("ab"), paragraph("ab"), full_stop(capitalized("ab"))) == ("a；b", "ab", "ab。")
    assert (pgettext("of a run", "start"), pgettext("of samples", "start")) == ("起点", "start")
    assert ngettext("{n} epoch left, of {all}", "{n} epochs left, of {all}", 1, all=9) == "9 轮还剩 1 轮"
    assert did_you_mean("没有命令 'rum'", "rum", ["run"]) == "没有命令 'rum'（你是不是要写 'run'？）"
    assert N_("start") == "start"
    with in_english():
        assert (join_and("ab"), pgettext("of a run", "start")) == ("a and b", "start")
    assert join_and("ab") == "a和b"
    assert _("") == ""


@table(
    ("locale", "code"),
    [
        *[
            (name, "zh_CN")
            for name in ("zh", "zh_CN", "zh_TW", "zh_HK.UTF-8", "zh_SG@x", "zh-Hans", "ZH_cn", "zh_CN.GBK")
        ],
        *[(name, "en") for name in ("en", "en_GB.UTF-8", "EN")],
        *[(name, None) for name in ("", "C", "C.UTF-8", "de_DE", "zhx", "../zh_CN", "_", "简体中文")],
    ],
)
def test_what_names_a_language(locale, code):
    assert match_language(locale) == code


@table(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, "en"),  # the first that is set, and no other
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "", "LC_ALL": "zh_TW.UTF-8"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "de:en:zh_CN"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "de:fr"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": ""}, "zh_CN"),
        ({"LANGUAGE": "zh"}, "zh_CN"),
        ({"LANGUAGE": "zh", "LANG": "C"}, "en"),  # by which a script asks for what is the same everywhere
        ({"LANGUAGE": "zh", "LC_ALL": "POSIX", "LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_language_that_an_environment_asks_for(environ, code):
    assert language_from_env(environ) == code


def test_missing_or_broken_catalogue_gives_english(tmp_path, monkeypatch):
    monkeypatch.setattr(language, "FOLDER", str(tmp_path))
    folder = tmp_path / "zh_CN/LC_MESSAGES"
    folder.mkdir(parents=True)
    try:
        language.set_language("zh_CN")
        assert (current_language(), _("a loss")) == ("en", "a loss")
        (folder / "quadfit_tui.mo").write_bytes(b"no catalogue")
        language.set_language("zh_CN")
        assert (current_language(), _("a loss")) == ("en", "a loss")
        (folder / "quadfit_tui.mo").write_bytes(catalogue(**{"a loss": "损失"}))
        language.set_language("zh_CN")
        assert (current_language(), _("a loss"), _("a run")) == ("zh_CN", "损失", "a run")
        with in_english():
            assert (current_language(), _("a loss")) == ("en", "a loss")
        language.set_language("en")
        assert (current_language(), _("a loss")) == ("en", "a loss")
    finally:
        language.install_catalog(None)


def test_marked_catalogue_exposes_untranslated_text():
    with pseudo_locale():
        told = _("w moved by {distance}, as {why}").format(distance=0.5, why="told")
        assert told == "⟦ŵ ｍʋ ｂ 0.5, ａ told⟧"
        assert [_(text) for text in ("Play", "{n} s", ", ", "{{x}} {y} go")] == ["⟦Ｐ⟧", "{n} š", ", ", "⟦{{χ}} {y} ⟧"]
        assert outside(told) == ["told"]
        assert outside(told, names=["told"]) == []
        assert outside(f"lr {_('is a rate')} of schedule halve, --x-min") == []
        assert outside(ngettext("{n} epoch", "{n} epochs", 3)) == []
        assert outside(join_and(["lr", "tol", "batch"])) == []
        assert outside("⟦ñ ⟦þ…, ⟦ŧ⟧") == []
        for cut in ("⟦íŧ íš", "íŧ íš⟧", "⟦å ⟦ƀ⟧", "… ⟦å", "⟦å…⟧⟧"):
            with pytest.raises(AssertionError):
                outside(cut)
    assert _("w moved") == "w moved"
