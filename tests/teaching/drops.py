"""Lessons with tasks on a run that can be worked out by hand: five samples at x = 0, whose y is 2; only c moves.

It begins at c = 10, and an update multiplies its error, 8, by 1 − lr: so its limit is 2.
"""

import math

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.notation.reading.notation import read_lesson

HEAD = """+++
format = 1
id = "drop"
title = "A drop"
aim = "Find a rate."
summary = ["One.", "Two."]
[data.drop]
csv = "0,2\\n0,2\\n0,2\\n0,2\\n0,2"
[runs.drop]
preset = "full-batch"
data = "lesson:drop"
schedule = "constant"
init = [0, 0, 10]
lr = 0.1
epochs = 50
+++

"""
OWN = """## Land {#own .do run=drop only=lr until="now.status == 'converged' and now.epochs < 5" solution="lr:0.9"}
Converge in fewer than `5` epochs.
- [x] near one
  The update takes nearly all of the error.
- [ ] beyond the limit `now.lr > drop.limit`
  Beyond [?](=drop.limit) the error grows.
- hint: Below `1`.
"""
TRIES = """## Try {#try .do run=drop only=lr tries=3}
Try three rates.
- [x] the bottom
  Nearer to `1` it takes fewer epochs.
- [ ] too large `now.lr > drop.limit`
  It leaps.
"""


def lesson(*steps, head=HEAD):
    """A lesson of some steps."""
    return read_lesson(head + "\n".join(steps), "drop.md")


def epochs(lr, tol=1e-5):
    """After how many epochs a run converges: the error is 8, and its square the mean loss."""
    return math.ceil(math.log(tol / 64) / (2 * math.log(abs(1 - lr))))


def ended(config, **changes):
    """A run at its end."""
    session = RunSession(config.with_values(changes), speed=None)
    session.play()
    while session.is_busy:
        session.advance(1.0)
    return session.snapshot()
