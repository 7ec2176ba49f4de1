"""What the lessons of the program have beyond being true: hints, notes, an aim, words that all students understand."""

import re

from quadfit_tui.teaching.judging.check import LessonFault
from quadfit_tui.teaching.judging.slips import slips
from quadfit_tui.teaching.notation.expression import Expression
from quadfit_tui.teaching.notation.lesson import QUESTIONS, StepKind

_OF_THE_SCREEN = (
    r"\b(views?|press(?:es|ed)?|keys?|click(?:s|ed)?|mouse|tab|screen|footer|log|form|charts?|gauge|arrows?"
    r"|at the top|(?:first|second) line|row above)\b"
    r"|(视图|按下|按一下|按住|(?<!关)键|箭头|点击|单击|双击|鼠标|屏幕|标签页|页脚|训练记录|日志|表单|图表|顶部|最上面|第[一二]行|上一行)"
)
_OF_THE_DIALOGUE = (
    r"\btype (?:where|why|go|step|rate|set|update|to|back|again|restart)\b"
    r"|(?:输入|键入)\s*[“`]?(?:状态|诊断|训练|更新|上次更新|学习率|修改|转到|退回|重讲|重新训练"
    r"|(?:where|why|go|step|rate|set|update|to|back|again|restart)\b)"
)
SUMMARY = 2  # lines


def warnings(lesson):
    """What a lesson lacks, and words that not all understand, in order of its lines."""
    found = [*slips(lesson), *_of_the_lesson(lesson)]
    for step in lesson.steps:
        found += [*_of_the_step(step), *_of_the_texts(step)]
    return sorted(set(found))


def _of_the_lesson(lesson):
    if not lesson.aim:
        yield LessonFault(1, "there is no aim; the list of lessons shows it")
    if len(lesson.summary) != SUMMARY:
        yield LessonFault(1, f"the summary has {len(lesson.summary)} lines; write two, which are said at the end")
    if not any(step.transfer for step in lesson.steps):
        yield LessonFault(
            1, "there is no transfer question: one with transfer=yes, which has new numbers for the same idea"
        )


def _of_the_step(step):
    """What a step lacks."""
    if step.kind is StepKind.EXPLAIN and not (step.models or step.answers):
        yield LessonFault(step.line, "there is no model answer: a row - model:, to compare one's own with")
    if step.kind not in QUESTIONS:
        return
    if not step.hints:
        yield LessonFault(step.line, "the question has no hint: a row - hint:")
    if not step.notes:
        yield LessonFault(step.line, "the question has no note for teachers: a row - note:")
    for answer in step.answers:
        if answer.is_right and not answer.feedback:
            yield LessonFault(
                answer.line, "nothing is said to the right answer; write below it, indented, why it is right"
            )
        if answer.is_right and not [*Expression.parse(answer.expression).runs()]:
            yield LessonFault(answer.line, "the right answer is asked of no run, so nothing computes it")


def _of_the_texts(step):
    """Words that not all students understand."""
    for text, line in step.plain_texts:
        for words in re.finditer(_OF_THE_SCREEN, text, re.IGNORECASE):
            yield LessonFault(line, f"'{words[0]}' is of the screen alone; link what is there, as in [w](show:w)")
        for words in re.finditer(_OF_THE_DIALOGUE, text, re.IGNORECASE):
            yield LessonFault(line, f"'{words[0]}' is of lessons line by line alone; link what it does")
