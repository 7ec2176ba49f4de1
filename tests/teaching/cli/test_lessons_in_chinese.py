"""Whole lessons by lines in Chinese, through pipes: words, digits and signs as a Chinese input method gives them."""

import os
import re
import subprocess

import pytest
from command_line import PROGRAM, ROOT
from lessons_taken import typed
from pseudo_locale import widened
from trials import variants

from quadfit_tui.core.text.width import cell_width
from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog

SAID = {"go": "训练", "Since it is so.": "因为事情就是这样的。", "falls evenly": "均匀下降"}
LESSONS = {lesson.id: lesson for lesson in Catalog.packaged("zh_CN").lessons}


def in_chinese(line):
    """A line of `typed`, as it is typed in Chinese."""
    command, *value = line.split(" ", 2)
    if command == "set":
        return f"修改 {' '.join(map(widened, value))}"
    return SAID.get(line) or widened(line)


@pytest.mark.parametrize("lesson", variants({id: (lesson,) for id, lesson in LESSONS.items()}, 1))
def test_lesson_completed_in_chinese(lesson, tmp_path):
    (tmp_path / "lessons").mkdir()
    lines = [*map(in_chinese, typed(lesson, Facts(lesson), knows=True)), "我的回答", "退出"]
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "XDG_"))}
    played = subprocess.run(
        [*PROGRAM, "lessons", "play", "--lang", "zh_CN", lesson.id],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**others, "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        timeout=60,
        check=True,
    )
    heard = played.stdout.splitlines()
    assert played.stderr == ""
    assert heard[-1] == "再见。"
    assert "这一课学完了。" in heard
    assert not any("不是命令" in line or re.search("[a-z]{3,} [a-z]{3,} [a-z]{3,}", line) for line in heard)
    assert all(line.isprintable() and 0 < cell_width(line) <= 78 and line[0] not in "，。；：、）" for line in heard)
    transcript = Transcript(TranscriptLocation(str(tmp_path / "lessons" / "transcript.jsonl"), 0o640))
    progress = LessonProgress(Catalog.packaged().find(lesson.id), transcript.of_lesson(lesson.id))
    assert progress.is_ended
    assert progress.score == (len(lesson.steps), len(lesson.steps), progress.score.observed, progress.score.observed)
    assert {entry.language for entry in transcript.entries if entry.language} == {"zh"}
