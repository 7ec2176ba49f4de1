"""A table of the sentences of a place: templates, each with the check of what it says."""

import re
from dataclasses import dataclass, field
from functools import cache

from sentences.told import NUMBER, Falsehood, Unjudged

_PLACE = re.compile(r"\{(\w+)(?::([^}]*))?\}")


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
    """What came of a sentence: `kind` is its template; `verdict` is true, false, unjudged or unknown, with the `why`."""

    place: str
    kind: str
    text: str
    verdict: str
    why: str = ""


class Table:
    """Rows of a template and its check; a sentence that fits none is itself a finding."""

    def __init__(self, place):
        self.place, self._rows = place, []

    def says(self, *templates):
        """Registers the check of some templates.

        `{name}` is a number, `{name:yes|no}` one of some words; all else is as it stands. The check is called with what the text is about and the places by their names, as text.
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
        verdict, why = "true", ""
        try:
            check(moment, **found.groupdict())
        except Falsehood as false:
            verdict, why = "false", str(false)
        except Unjudged as unjudged:
            verdict, why = "unjudged", str(unjudged)
        return Finding(self.place, template, found[0], verdict, why)


@cache
def _pattern(template, parts):
    made, at, names = "", 0, set()
    for place in _PLACE.finditer(template):
        made += re.escape(template[at : place.start()])
        name, words = place.groups()
        made += f"(?P={name})" if name in names else f"(?P<{name}>{NUMBER if words is None else words})"
        names.add(name)
        at = place.end()
    return re.compile(f"{made}{re.escape(template[at:])}(?=$|{parts})")
