"""Makes lessons wrong, one thing at a time: each of them is to be refused."""

import re

STATED = re.compile(r"\[([^]]+)\]\(=")
ANSWER = re.compile(r"(?<= answer=)[^ }]+")
ROW = re.compile(r"- \[([ x])\] .*`([^`]+)`$")


def falsified(number):
    """A number with its last significant digit one more, and one less."""
    plain = number.partition("e")[0]
    end = len(plain.rstrip("0")) if number.startswith("~") else len(plain)
    at = max(place for place, char in enumerate(plain[:end]) if char.isdigit())
    found = [f"{number[:at]}{(int(number[at]) + by) % 10}{number[at + 1 :]}" for by in (1, 9)]
    # About 2,810,000 is about 2,800,000, too: with one digit less it is true.
    return [other for other in found if not (number.startswith("~") and other[at] == "0")]


def mutants(text):
    """Triples of what was done, the line where, and the text with it."""
    lines = text.split("\n")
    is_task = False
    for at, line in enumerate(lines):
        if line.startswith("## "):
            is_task = " .do" in line
        for what, mutant in _of_line(line, is_task):
            yield what, at + 1, "\n".join([*lines[:at], *mutant, *lines[at + 1 :]])
    yield from _swapped(lines)


def _of_line(line, is_task):
    for found in STATED.finditer(line):
        for number in falsified(found[1]):
            yield "stated number", [line[: found.start(1)] + number + line[found.end(1) :]]
        yield "expression of a stated number", [line[: found.end()] + "no_run." + line[found.end() :]]
    if found := ANSWER.search(line):
        for number in falsified(found[0]):
            yield "answer", [line[: found.start()] + number + line[found.end() :]]
    if found := ROW.match(line):
        mark, code = found.groups()
        start = found.start(2)
        yield "broken expression", [line[:start] + code[:-1] + "(`"]
        yield "unknown fact", [re.sub(r"\.(\w+)([^.]*`)$", r".\1_\2", line)] if "." in code else [line + " x"]
        yield "code", [line[:start] + "__import__('os')`"]
        # When a row of a task holds is its author's choice.
        if mark == "x" or not (is_task or " and " in code or " or " in code):
            for sign in re.finditer(r" ([<>])=? ", code):
                other = "<" if sign[1] == ">" else ">"
                yield "comparison", [f"{line[:start]}{code[: sign.start()]} {other} {code[sign.end() :]}`"]
    if line.startswith("## "):
        yield "kind", [re.sub(r" \.(\w+)", r" .\1s", line)]
        yield "id", [re.sub(r"\{#[\w-]+", "{#A B", line)]
        if " run=" in line:
            yield "run", [re.sub(r" run=(\w+)", r" run=\1_", line)]
        if " solution=" in line and "lr:" in line:
            yield "solution", [re.sub(r"lr:[\d.]+", "lr:1e-9", line)]


def _swapped(lines):
    """The mark of each right answer given to each wrong one of its step; the feedback of wrong ones taken away."""
    steps = [at for at, line in enumerate(lines) if line.startswith("## ")]
    for start, end in zip(steps, [*steps[1:], len(lines)], strict=True):
        rows = [at for at in range(start, end) if ROW.match(lines[at])]
        for right in (at for at in rows if lines[at].startswith("- [x]")):
            for wrong in (at for at in rows if at != right):
                swapped = lines.copy()
                swapped[right], swapped[wrong] = (
                    swapped[right].replace("[x]", "[ ]"),
                    swapped[wrong].replace("[ ]", "[x]"),
                )
                yield "swapped answer", wrong + 1, "\n".join(swapped)
                after = next(at for at in range(wrong + 1, end) if not lines[at].startswith("  "))
                yield "no feedback", wrong + 1, "\n".join([*lines[: wrong + 1], *lines[after:]])
