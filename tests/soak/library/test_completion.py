"""What IPython completes after a dot: it asks jedi, which reads the annotations of the library."""

import pytest

from quadfit_tui import PRESETS, Session, diagnose, rate_map, sweep, train

OBJECTS = {
    "run": lambda: train(PRESETS["article"]),
    "updates": lambda: train(PRESETS["article"]).updates(0),
    "diagnosis": lambda: diagnose(PRESETS["article"]),
    "session": lambda: Session(PRESETS["article"]),
    "rates": lambda: rate_map(PRESETS["momentum"], size=(4, 3)),
    "runs": lambda: sweep(PRESETS["article"], {"lr": [0.1, 0.3]}),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_all_that_is_there_is_completed(name):
    import jedi  # here, for whoever runs no such test

    thing = OBJECTS[name]()
    offered = {completion.name for completion in jedi.Interpreter(f"{name}.", [{name: thing}]).complete()}
    assert offered >= {attribute for attribute in dir(thing) if not attribute.startswith("_")}
