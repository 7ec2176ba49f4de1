"""`manual` and `explain`: the pages of the manual as text, for whoever reads them."""

import re

import pytest
from command_line import CLOSED, called, one_line
from documents import MANUAL
from harness import Program

TOPICS = [name for name in MANUAL if name != "README"]


def test_without_a_topic_it_lists_them():
    told = called("manual")
    assert (told.returncode, told.stderr) == (0, "")
    assert re.findall(r"^  ([a-z-]+)  +\w", told.stdout, re.MULTILINE)[1:] == re.findall(
        r"\((.+)\.md\)", MANUAL["README"]
    )
    assert sorted(re.findall(r"\((.+)\.md\)", MANUAL["README"])) == TOPICS


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_pages_are_plain_80_column_text(encoding):
    for topic in TOPICS:
        told = called("manual", topic, encoding=encoding)
        assert (told.returncode, told.stderr) == (0, ""), topic
        lines = told.stdout.splitlines()
        assert lines[1] == "=" * len(lines[0])
        assert max(map(len, lines)) <= 80, topic
        assert "\x1b" not in told.stdout
        assert told.stdout.isascii() or encoding == "utf-8"
        assert encoding == "utf-8" or not re.search(r"[a-z,] #[ .,;]", told.stdout), topic  # which stands for any sign


def test_topic_words_and_explain_alias():
    assert called("manual", "Lesson", "files").stdout == called("manual", "lesson-files").stdout
    assert called("manual", "what", "a", "version", "keeps").stdout == called("manual", "promises").stdout
    assert called("explain").stdout == called("manual", "how-it-works").stdout
    assert called("explain").stdout.startswith("How it works\n")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_other_words_are_searched(encoding):
    told = called("manual", "rolling", "BALL", encoding=encoding)
    assert (told.returncode, told.stderr) == (0, "")
    (section, line) = told.stdout.splitlines()
    assert section == "how-it-works: Other ways to use the gradient"
    assert line.startswith("  ")
    assert "heavy rolling ball" in line
    many = called("manual", "momentum", encoding=encoding).stdout.splitlines()
    assert max(map(len, many)) <= 80
    for topic, section in (line.split(": ", 1) for line in many if not line.startswith(" ")):
        page = called("manual", topic, encoding=encoding).stdout
        assert section in page
        assert "momentum" in page.casefold()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["manual", "kyes"], "no topic and no section has 'kyes' (did you mean 'keys'?); topics: how-it-works, keys, "),
        (["manual", "../README"], "no topic and no section has '../README'"),
        (["manual", "README"], "no topic and no section has 'README'"),
        (["manual", "--lr", "1"], "--lr only applies to"),
        (["--lr", "1", "manual"], "--lr"),
        (["explain", "0:1"], "Got unexpected extra argument (0:1)"),
        (["explain", "--lr", "1"], "--lr only applies to"),
        (["--lr", "1", "explain"], "--lr"),
    ],
)
def test_unknown_topics_and_options_are_refused(args, said):
    told = called(*args)
    assert (told.returncode, told.stdout) == (2, "")
    assert said in one_line(told.stderr)


def test_a_closed_output_is_refused():
    told = called("manual", "keys", stdout=CLOSED)
    assert told.returncode == 2
    assert "standard output is closed" in one_line(told.stderr)


@pytest.mark.parametrize(("columns", "widest"), [(60, 58), (200, 100)])
def test_pager_uses_terminal_width(tmp_path, columns, widest):
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\necho "in a pager"\ncat\n')
    pager.chmod(0o755)
    manual = Program("manual", "terminals", size=(24, columns), env={"PAGER": str(pager)})
    assert manual.end() == 0
    manual.close()
    lines = manual.text.splitlines()
    assert lines[:3] == ["in a pager", "Terminals and systems", "=" * 21]
    assert widest - 12 < max(map(len, lines)) <= widest
