"""Pages of Markdown as lines of a terminal: nothing of them is lost, and no line is too long."""

import re
from collections import Counter

import pytest
from documents import MANUAL
from pseudo_locale import widened
from trials import spread

from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.document import StyleSpan, anchor_of, document_lines, plain_lines
from quadfit_tui.core.text.width import cell_width

PAGE = """\
# A title

<!-- what nobody reads -->
Some words with `code`, *stress* and [a link](other.md#part).

## A *part* with `code`

- first
- second, which is long enough for a second line of its own

1. one

   more of it
2. two

| key | what it does |
|---|---|
| `n` `→` | make one update |
| `w` | save to `FILE` \\| not |

| | |
|---|---|
| `r = y_out − y` | the residual |

```sh
quadfit-tui run   # a comment
  indented
```
"""


def shown(markdown, width=40, **more):
    return plain_lines(document_lines(markdown, width, **more))


def test_each_kind_of_block_has_its_form():
    assert shown(PAGE, marks_code=True) == [
        "A title",
        "=======",
        "",
        "Some words with `code`, stress and a",
        "link.",
        "",
        "A part with `code`",
        "------------------",
        "",
        "- first",
        "- second, which is long enough for a",
        "  second line of its own",
        "",
        "1. one",
        "",
        "   more of it",
        "",
        "2. two",
        "",
        "  key  what it does",
        "  n →  make one update",
        "  w    save to `FILE` | not",
        "",
        "  r = y_out − y  the residual",
        "",
        "  quadfit-tui run   # a comment",
        "    indented",
    ]


def test_styles_links_and_anchors_are_told():
    lines = document_lines(PAGE, 40)
    assert [(line.level, line.anchor) for line in lines if line.level] == [(1, "a-title"), (2, "a-part-with-code")]
    styled = [span for line in lines for span in line.spans if span.style]
    assert [span for span in styled if span.target] == [StyleSpan("a link", "link", "other.md#part")]
    assert {span.style for line in lines if line.level for span in line.spans} == {"heading"}
    assert {
        StyleSpan("stress", "strong"),
        StyleSpan("code", "code"),
        StyleSpan("n", "code"),
        StyleSpan("  indented", "code"),
    } <= {*styled}


def test_narrow_table_stacks_cells():
    page = "| name | what it is |\n|---|---|\n| `a rather long name` | as much as there is to say about it |\n"
    assert shown(page, 30) == ["  a rather long name", "      as much as there is to", "      say about it"]
    assert shown(page, 50) == [
        "  name                what it is",
        "  a rather long name  as much as there is to say",
        "                      about it",
    ]


def test_short_columns_leave_width_to_others():
    page = f"| a | b | c |\n|---|---|---|\n| x | {'short ' * 4} | {'word ' * 30} |\n"
    lines = shown(page, 60)
    assert lines[1].startswith("  x  short short short short  word word")
    assert max(map(len, lines)) <= 60
    assert " ".join(lines).count("word") == 30


@pytest.mark.parametrize("width", spread([40, 24, 57, 160, 78, 100]))
@pytest.mark.parametrize("spell", [str, ascii_of, widened])
def test_manual_renders_completely_within_width(width, spell):
    for name, markdown in MANUAL.items():
        lines = document_lines(markdown, width, spell)
        assert max(cell_width(line.text) for line in lines) <= width, name
        if spell is str and width >= 78:  # else the heads of tables may have no place
            assert letters(" ".join(line.text for line in lines)) == letters(written(markdown)), name


def letters(text):
    """How often each letter and digit stands in a text, wherever its lines end."""
    return Counter(filter(str.isalnum, text))


def written(markdown):
    """What a page says, without comments, the languages of blocks and the targets of links."""
    text = re.sub(r"<!--.*?-->", "", markdown)
    return re.sub(r"^```\w+$|(?<=\])\((?:https?://)?[\w./#-]+\)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("What w saves", "what-w-saves"),
        ("Step 1: a model, with parameters", "step-1-a-model-with-parameters"),
        ("A run: base (individual options)", "a-run-base-individual-options"),
        ("lesson-files", "lesson-files"),
    ],
)
def test_anchors_match_markdown_hosting_sites(title, anchor):
    assert anchor_of(title) == anchor
