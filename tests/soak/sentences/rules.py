"""A table of the sentences of a place: templates, each with the check of what it says."""

import copy
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from soak.sentences.told import NUMBER, Falsehood, Unjudged

_COUNTED = re.compile(r"(?<![\d.,])(?:1 (?:epoch|update|decimal|sample)s|(?!1 )\d+ (?:epoch|update|decimal)(?!s))")
_PLACE = re.compile(r"\{(\w*)(?::([^}]*))?\}")


@dataclass
class Moment:
    """A place in a run that something is said of: its snapshot, and what is so of the run.

    `coming` tells whether the run has still to be done when it is said. `memory` has what an earlier sentence of the
    same text named, such as a limit.
    """

    snapshot: object
    truth: object
    memory: dict = field(default_factory=dict)

    @property
    def config(self):
        return self.truth.config

    @property
    def task(self):
        return self.truth.task

    @property
    def exact(self):
        return self.truth.exact

    @property
    def ended(self):
        return self.snapshot.status.ended


@dataclass(frozen=True)
class Finding:
    """What came of a sentence: `kind` is its template, `verdict` true, false, unjudged or unknown, with the `why`."""

    place: str
    kind: str
    text: str
    verdict: str
    why: str = ""


class Table:
    """Rows of a template and its check; a sentence that fits none is itself a finding."""

    planted = None  # where falsehoods are planted: a Planted, which hears of all that is found to be true

    def __init__(self, place):
        self.place, self._rows = place, []

    def says(self, *templates):
        """Registers the check of some templates.

        `{name}` is a number, `{name:yes|no}` one of some words, `{:yes|no}` one that does not matter; all else is as
        it stands, but that `(s)` may be missing. The check is called with what the text is about and the places by
        their names, as text.
        """

        def take(check):
            self._rows += [(template, check) for template in templates]
            return check

        return take

    @property
    def kinds(self):
        return [template for template, _ in self._rows]

    def read(self, text, moment, parts=re.compile(r"\s+")):
        """The findings about a text, sentence after sentence; `parts` is what stands between two of them."""
        at = 0
        while at < len(text):
            best = None
            for template, check in self._rows:
                found = _pattern(template, parts.pattern).match(text, at)
                if found:
                    best = template, found, check
                    break
            if best is None:
                yield Finding(self.place, "", text[at:], "unknown", "no row of the table has this sentence")
                return
            template, found, check = best
            yield self._judged(template, found, check, moment)
            after = parts.match(text, found.end())
            at = len(text) if after is None else after.end()

    def _judged(self, template, found, check, moment):
        verdict, why = judged(check, moment, found.groupdict())
        if wrong := _COUNTED.search(found[0]):
            verdict, why = "false", f"it is not said like this: {wrong[0]}"
        if verdict == "true" and Table.planted is not None:
            Table.planted.beside(self.place, template, check, moment, found.groupdict())
        return Finding(self.place, template, found[0], verdict, why)


def judged(check, about, said):
    """What a check says of the places of a sentence: true, false or unjudged, and why."""
    try:
        check(about, **said)
    except Falsehood as false:
        return "false", str(false)
    except Unjudged as unjudged:
        return "unjudged", str(unjudged)
    return "true", ""


class Planted:
    """Falsehoods beside what is true: each number of a sentence made another, and each of its words.

    `caught` counts by place, template and name how many of them a check has found, `missed` how many it has not.
    """

    def __init__(self):
        self.caught, self.missed = Counter(), Counter()

    def beside(self, place, template, check, about, said):
        """Plants falsehoods in a sentence that is true."""
        words = dict(place for place in _PLACE.findall(template) if place[1])
        for name, text in said.items():
            if not text:
                continue
            others = [each for each in words[name].split("|") if each != text] if name in words else _others(text)
            for other in others:
                if re.search(r"[\[\\*?(]", other):  # which is no word, but what words may be
                    continue
                moment = about if isinstance(about, Moment) else about[0]
                memory = copy.deepcopy(moment.memory)
                try:
                    missed = judged(check, about, {**said, name: other})[0] == "true"
                except (
                    ArithmeticError,
                    AttributeError,
                    LookupError,
                    TypeError,
                    ValueError,
                ):  # as no true sentence does
                    missed = False
                moment.memory = memory
                (self.missed if missed else self.caught)[place, template, name] += 1


def _others(text):
    """Numbers beside a number: the next count, or what is a few digits off."""
    value = Decimal(text.replace(",", ""))
    if not value.is_finite():
        return ["1.234"]
    if text.replace(",", "").isdigit():
        return [str(value + 1), str(value * 3 + 5)]
    return [f"{value * Decimal('1.03') + Decimal('1e-300'):.4g}", f"{-value:.4g}"] if value else ["0.5"]


@cache
def _pattern(template, parts):
    made, at, names = "", 0, set()
    for place in _PLACE.finditer(template):
        made += _escaped(template[at : place.start()])
        name, words = place.groups()
        if name and name in names:
            made += f"(?P={name})"
        else:
            made += f"({f'?P<{name}>' if name else '?:'}{NUMBER if words is None else words})"
        names.add(name)
        at = place.end()
    return re.compile(f"{made}{_escaped(template[at:])}(?=$|{parts})")


def _escaped(text):
    return re.escape(text).replace(r"\(s\)", "s?")
