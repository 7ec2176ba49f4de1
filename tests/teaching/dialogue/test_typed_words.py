"""The words of the dialogue in Chinese: each that is told works, and does what the English one does."""

import re

import pytest
from catalogue import LOCALE, read
from languages import speaking
from lessons_taken import RIGHT, Student
from tables import table

from quadfit_tui.core.text.language import _, pgettext
from quadfit_tui.teaching.course.transcript_entry import Event
from quadfit_tui.teaching.dialogue.commands import COMMANDS, WORDS
from quadfit_tui.teaching.dialogue.words import VALUES, preferred_word, read_line
from quadfit_tui.teaching.notation.places import LINK_TARGETS

TELL_WORDS = re.compile(r"teaching/(dialogue|course/script|notation/places)")


@pytest.fixture(autouse=True)
def chinese():
    with speaking():
        yield


def test_command_words_complete_and_unique():
    for table_of_words in (WORDS, VALUES):
        words = [word for words in table_of_words.values() for word in pgettext("words to type", words).split()]
        assert len({*words}) == len(words)
        assert not any(word.isascii() for word in words)


def test_help_tells_the_words_of_the_language():
    for name, command in COMMANDS.items():
        for told in re.findall(r"(?:^|；)([^；：]+)：", _(command.help)):
            typed = read_line(told, WORDS)
            assert (typed.word, typed.command) == (preferred_word(command.words), name)
            assert command.takes or not typed.rest


def test_the_words_that_texts_tell_are_words():
    told = []
    for message in read(LOCALE / "zh_CN/LC_MESSAGES/quadfit_tui.po"):
        if any(TELL_WORDS.search(file) for file, _line in message.locations) and isinstance(message.string, str):
            told += re.findall("“([^”{]+)”", message.string)
    assert len({*told}) > 20
    assert [word for word in told if not read_line(word, WORDS).command] == []
    for place in LINK_TARGETS.values():
        if place.spoken.startswith("type "):
            english, own = place.spoken.removeprefix("type "), re.findall("“(.+)”", _(place.spoken))[0]
            assert read_line(own, WORDS).command == read_line(english.replace(",", ""), WORDS).command


@table(
    ("lines", "as_english"),
    [
        *[(["训练10轮"], ["go 10"]), (["训练 2 轮", "退回 3", "状态"], ["go 2", "back 3", "where"])],
        *[(["播放"], ["go"]), (["更新", "上次更新"], ["step", "update"]), (["更新５次"], ["step 5"])],
        *[(["学习率０，２５"], ["rate 0,25"]), (["学习率 0。25"], ["rate 0.25"]), (["ｌｒ　１／４"], ["lr 1/4"])],
        *[(["转到１：３"], ["to 1:3"]), (["更新", "转到 开始"], ["step", "to start"]), (["训练一轮"], ["e"])],
        *[(["修改 批量 2"], ["set batch 2"]), (["设置 批量2"], ["set batch 2"]), (["设置"], ["settings"])],
        *[(["修改 特征缩放 是"], ["set scale features yes"]), (["改 打乱 ｙｅｓ"], ["set shuffle yes"])],
        *[(["修改 初始值 １；２；－３"], ["set init 1;2;-3"]), (["修改 停止依据 dataset"], ["set stop_on dataset"])],
        *[(["预设 ａｒｔｉｃｌｅ"], ["preset article"]), (["重来"], ["restart"]), (["诊断"], ["why"])],
        *[(["课程３"], ["lesson 3"]), (["目录"], ["list"])],
        *[(["？"], ["help"]), (["ＨＥＬＰ"], ["help"]), (["继续", "提示"], ["next", "hint"]), (["参加"], ["join"])],
        *[(["下一步", "跳过", "ｓ"], ["", "skip", "skip"]), (["", "上一步"], ["", "previous"])],
        *[(["重讲"], ["again"]), (["重学"], ["anew"]), (["我的回答"], ["answers"]), (["退出"], ["quit"])],
        *[(["", "回答 12"], ["", "12"]), (["", "回答１２"], ["", "12"])],
        *[(["", "12", "", f"回答{RIGHT}"], ["", "12", "", RIGHT])],
        *[(["", "12", "", "ａ"], ["", "12", "", "a"]), (["", "12", "", "Ｂ。"], ["", "12", "", "b"])],
    ],
)
def test_chinese_words_act_like_english_ones(lines, as_english):
    one, other = Student(), Student()
    assert one.types(*lines) == other.types(*as_english)
    assert "不是命令" not in one.types("") + one.types("状态")
    assert one.events == other.events + one.events[len(other.events) :]


@table(
    "said",
    [
        *["学习率1.6以上就会发散", "学习率 1.6 以上就会发散", "更新太大了", "训练10轮以后就不再下降"],
        *["为什么会这样，我不知道", "rate 1.6 and above diverges", "ａ 大于 0，所以 ｂ 小"],
    ],
)
def test_explanation_starting_with_command_kept_verbatim(said):
    student = Student()
    student.types("", "12", "", RIGHT, "", "训练 2", "")
    assert student.types(said)[0] == "谢谢。"
    assert [entry.text for entry in student.transcript.entries if entry.text] == [said]


@table("answer", ["第 12 次", "12轮", "１２ 次更新", "十二", "约 12", "是 12"])
def test_number_with_words_is_an_answer(answer):
    student = Student()
    student.types("", answer)
    assert Event.ANSWER in student.events


def test_unknown_word_errors_in_chinese():
    student = Student()
    assert student.types("训练吧") == ["'训练吧' 不是命令（你是不是要写 '训练'？）；输入“帮助”可列出全部命令。"]
    assert student.types("提示 3") == ["“提示”要单独输入。"]
    assert student.types("训练 多久") == ["'多久' 不是次数；例如：“训练 10”。"]
