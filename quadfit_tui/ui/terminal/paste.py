"""What is pasted, cut before it is read: a terminal hands over all of it, be it a film."""

from __future__ import annotations

MOST_PASTED = 4096  # characters; more than any field takes, so that it can tell that it was too much
_ESC, _BEGIN, _END = "\x1b", "\x1b[200~", "\x1b[201~"


class PasteCut:
    """Passes on what comes from a terminal, in pieces as it comes, and of each bracketed paste its begin.

    Textual's parser keeps a paste character by character until it ends, however long that is. Esc does not pass: two of
    them in a paste, and what follows would be taken for keys.
    """

    def __init__(self) -> None:
        self._left: int | None = None  # characters of the paste that may still pass; None: there is no paste
        self._last = ""  # the end of what passed: the begin of a bracket, perhaps, whose rest is to come
        self._held = ""  # the end of what came of a paste: the begin of its closing bracket, perhaps

    def cut(self, text: str) -> str:
        """What the parser is to have of this piece, and of what was held back of the one before."""
        passed = ""
        while text:
            part, text = self._outside(text) if self._left is None else self._inside(text, self._left)
            passed += part
        return passed

    def _outside(self, text: str) -> tuple[str, str]:
        """What passes up to the begin of a paste, and the rest; nothing waits, for an Esc may be the whole key."""
        joined = self._last + text
        at = joined.find(_BEGIN)
        if at < 0:
            self._last = joined[1 - len(_BEGIN) :]
            return text, ""
        behind = at + len(_BEGIN) - len(self._last)
        self._last, self._left = "", MOST_PASTED
        return text[:behind], text[behind:]

    def _inside(self, text: str, left: int) -> tuple[str, str]:
        """What passes of a paste, with its closing bracket if that is there, and the rest."""
        pasted, closing, rest = (self._held + text).partition(_END)
        self._held = ""
        start = pasted.rfind(_ESC, 1 - len(_END))
        if not closing and start >= 0 and _END.startswith(pasted[start:]):
            pasted, self._held = pasted[:start], pasted[start:]
        kept = pasted.replace(_ESC, "")[:left]
        self._left = None if closing else left - len(kept)
        return kept + closing, rest
