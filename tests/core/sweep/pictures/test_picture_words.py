"""What the words of a picture of a sweep mean, and which mean nothing."""

import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.sweep.pictures.picture_words import picture_words
from quadfit_tui.core.sweep.space import Space

SPACE = Space(
    RunConfig(samples=24, schedule="exponential"),
    {"lr": [0.01, 1 / 3, 1], "decay_rate": [0.5, 0.9], "batch": [4, "full"], "tol": [1e-5], "seed": range(2)},
)


@table(
    ("text", "kind", "axes", "held"),
    [
        ("map", "map", (), {}),
        ("bands:", "bands", (), {}),
        ("map:decay-rate", "map", ("decay_rate",), {}),
        ("map: seed , lr", "map", ("seed", "lr"), {}),
        ("map:lr,batch=full,decay_rate=0.9", "map", ("lr",), {"batch": 1, "decay_rate": 1}),
        ("bands:batch,lr=0.3333", "bands", ("batch",), {"lr": 1}),
        ("map:seed=1,lr=1", "map", (), {"seed": 1, "lr": 2}),
    ],
)
def test_words_name_parameters_and_values(text, kind, axes, held):
    assert picture_words(text, SPACE) == (kind, axes, held)


@table(
    ("text", "says"),
    [
        ("mapp", "'mapp' is not one of the choices (did you mean 'map'?); allowed: map, bands"),
        (
            "map:learning-rate",
            "'learning-rate' does not vary in this sweep (did you mean 'lr'?); allowed: lr, decay-rate, batch, seed",
        ),
        ("map:momentum", "'momentum' does not vary in this sweep; allowed: lr, decay-rate, batch, seed"),
        ("map:tol", "'tol' does not vary in this sweep; allowed: lr, decay-rate, batch, seed"),
        ("map:batch=8", "'8' is no value of batch in this sweep; allowed: 4 and full"),
        ("map:lr=0.34", "'0.34' is no value of lr in this sweep; allowed: 0.01, 0.3333 and 1"),
        ("map:lr=fast", "'fast' is not a number; allowed: above 0, up to 1e6"),
        ("bands:lr,batch", "'bands:lr,batch' names more parameters than bands goes over; allowed: one parameter"),
        ("map:lr,batch,seed", "'map:lr,batch,seed' names more parameters than map goes over; allowed: two parameters"),
        ("map:lr,lr", "'map:lr,lr' names lr twice; allowed: once"),
        ("map:lr,lr=1", "'map:lr,lr=1' names lr twice; allowed: once"),
        ("bands:seed", "'bands:seed' names seed, which bands are over; allowed: another parameter that varies"),
    ],
)
def test_what_means_nothing_is_refused_with_what_is_allowed(text, says):
    with pytest.raises(ValueError, match="allowed") as refused:
        picture_words(text, SPACE)
    assert str(refused.value) == says
