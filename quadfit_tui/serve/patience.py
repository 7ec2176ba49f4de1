"""Patience: for how many seconds the server waits for pages, programs and connections."""

from typing import NamedTuple


class Patience(NamedTuple):
    """Seconds that the server waits for something, or between two looks at it."""

    away: float = 1.5  # for a page that was left, which may be on its way back by a reload
    lost: float = 60.0  # for a page whose line broke
    ping: float = 10.0  # between two questions whether a page is there
    answer: float = 20.0  # for its answer
    greeting: float = 10.0  # for the first message of a page
    request: float = 10.0  # for a complete request
    response: float = 60.0  # for a request and its answer: of the largest file, on a slow line
    farewell: float = 10.0  # for a page to agree to its end, behind what it has typed on a slow line
    closing: float = 2.0  # for all pages together, when the server ends
    look: float = 15.0  # between two looks at the folders
    stuck: float = 5.0  # for a program that takes nothing of what is typed
    hangup: float = 0.5  # from HUP to KILL


PATIENCE = Patience()
