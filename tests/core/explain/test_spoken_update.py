"""An update in sentences: its numbers are those of the worked update, and each line can be heard."""

import re

from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.session.session import Session


def record_of(config, epoch, update=0):
    session = Session(config, speed=None)
    session.seek(epoch, update)
    while session.is_busy:
        session.advance(1.0)
    return session.snapshot().record


def test_the_first_update_of_the_article():
    # x = -1, y = 2 + 4 + 3, y_out = -11/6 + 395/3 - 2400 = -2270.17, r = -2279.17, w - 0.5 g.
    assert spoken_update(record_of(RunConfig(), 0, 1)) == [
        "Epoch 0, update 1 of 800.",
        "sgd on sample 1 of 800.",
        "x minus 1, y 9.",
        "The parabola gives minus 2270, the residual is minus 2280.",
        "Loss 5.19 million, the residual squared.",
        "Gradient: a minus 2280, b 2280, c minus 2280.",
        "Gradient of all samples: a minus 802, b minus 39.5, c minus 2400.",
        "The angle between them is 43.8 degrees.",
        "Each changes by minus 0.5 times its gradient.",
        "a goes from minus 1.83 to 1140.",
        "b goes from minus 132 to minus 1270.",
        "c goes from minus 2400 to minus 1260.",
        "Mean loss of all samples: 5.79 million before, 1.43 million after.",
    ]


def test_a_small_change_of_a_large_number_is_said_and_so_is_rounding():
    lines = spoken_update(record_of(PRESETS["article-as-printed"], 2))
    assert "a goes up by 0.0275 to 328." in lines  # from 328.4425265 to 328.47
    assert "They are rounded to 2 decimals." in lines
    still = spoken_update(record_of(RunConfig(init=(2, -4, 3), stop_on="never"), 0, 1))
    assert "a stays 2.00." in still


@table("name", PRESETS)
@table("changes", [{}, {"scale_features": True, "gradient": "full", "lr": 1.7}], ids=["", "scaled"])
def test_every_line_can_be_heard(name, changes):
    for epoch in (1, 5):
        for line in spoken_update(record_of(PRESETS[name].replace(**changes), epoch)):
            assert len(line) <= 78
            assert line.isascii()
            assert line.endswith(".")
            assert ". " not in line
            assert not re.search(r"\d[eE][+-]?\d|(?<!\w)-[\d.]", line)
