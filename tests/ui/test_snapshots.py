"""How the app looks. Read a changed picture before it is accepted: `pytest --snapshot-update`.

With those of lessons, sweeps and of the manual (test_app_at.py) there are at most 25: each for what no other one shows.
"""

import pytest

from quadfit_tui.core.config.presets import PRESETS

WIDE, LIGHT = {"size": (140, 45)}, {"theme": "textual-light"}
# The preset, the moment, the options of the app, and keys.
LOOKS = {
    "ready": ("article", "start", {}, []),
    "paused": ("article-minibatch", "1:1", WIDE, ["u"]),
    "parameters": ("article", 21, {"view": "parameters"}, []),
    "update": ("article-minibatch", "1:1", {"view": "update"}, ["down"] * 12),
    "map": ("momentum", 5, {"view": "map", **WIDE, **LIGHT}, []),
    "past": ("article", 10, LIGHT, ["left_square_bracket", "b"]),
    "wrong_input": ("article", 0, {}, ["l", *"abc"]),
    "diverged": ("too-fast", "end", {"diagnosis": True}, []),
    "diagnosis": ("too-fast", "end", {"diagnosis": True, "size": (100, 30)}, ["i"]),
    "runs": ("full-batch", 29, {}, ["k", "s", "e", "e", "t"]),
    "help": ("article", 0, {}, ["question_mark"]),
    "manual": ("article", 0, {}, ["f1", "pagedown", "pagedown"]),
    "palette": ("article", 0, {}, ["ctrl+p"]),
    "slim": ("article", 0, {"size": (50, 20)}, []),
    "chinese": ("noisy", 9, {"lang": "zh_CN"}, ["o"]),
}


@pytest.mark.parametrize("look", LOOKS)
def test_look(snap_compare, quadfit_app, look):
    preset, moment, options, keys = LOOKS[look]
    assert snap_compare(quadfit_app(PRESETS[preset], moment, **options), press=keys)
