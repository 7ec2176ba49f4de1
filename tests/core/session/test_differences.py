"""What differs between configurations, as it is told of runs side by side."""

from hypothesis import given
from hypothesis import strategies as st
from session_driver import ARTICLE
from tables import table
from trials import trials

from quadfit_tui.core.config.differences import differences, value_text, varying_parameters


@table(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"lr": 0.1}, ("lr 0.5 → 0.1",)),
        ({"batch": "full", "lr": 0.25}, ("lr 0.5 → 0.25", "batch 1 → full")),  # in the order of the table
        ({"schedule": "constant"}, ("schedule halve → constant",)),
        ({"decay_every": 20}, ("decay every 10 → 20",)),
        ({"momentum": 0.5}, ()),  # sgd has none
        ({"optimizer": "momentum"}, ("optimizer sgd → momentum",)),
        ({"optimizer": "momentum", "momentum": 0.5}, ("optimizer sgd → momentum", "momentum 0.5")),
        ({"schedule": "constant", "decay_every": 20}, ("schedule halve → constant",)),
        ({"shuffle": True}, ("shuffle no → yes",)),
        ({"round_epochs": 2}, ("round epochs off → 2",)),
        ({"init": "random"}, ("init (-1.833, -131.7, -2400) → random",)),
        ({"data": "mine.csv", "samples": 7}, ("file none → mine.csv",)),
        (
            {"data": "mine.csv", "columns": "t,s", "encoding": "latin-1"},
            ("file none → mine.csv", "columns t, s", "encoding latin-1"),
        ),
        (
            {"init": (-11 / 6, -395 / 3 + 1e-9, -2400)},
            (f"init -11/6, -395/3, -2400 → -11/6, {-395 / 3 + 1e-9!r}, -2400",),
        ),
    ],
)
def test_texts_of_differences(changes, expected):
    assert differences(ARTICLE, ARTICLE.replace(**changes)) == expected


def test_unused_parameters_make_no_difference():
    file = ARTICLE.replace(data="mine.csv")
    assert differences(file, file.replace(samples=5, noise=1.0, x_max=3.0)) == ()
    assert differences(file.replace(samples=5), ARTICLE) == ("samples 800", "file mine.csv → none")


configs = st.builds(
    lambda **values: ARTICLE.replace(**values),
    lr=st.sampled_from([0.5, 0.1]),
    schedule=st.sampled_from(["halve", "constant", "exponential"]),
    decay_every=st.sampled_from([10, 3]),
    decay_rate=st.sampled_from([0.5, 0.9]),
    optimizer=st.sampled_from(["sgd", "momentum", "adam"]),
    momentum=st.sampled_from([0.9, 0.5]),
    shuffle=st.booleans(),
    data=st.sampled_from([None, "a.csv"]),
    noise=st.sampled_from([0.0, 1.0]),
)


@trials(100)
@given(st.lists(configs, min_size=1, max_size=4))
def test_varied_names_differing_parameters(table):
    for name in vars(ARTICLE):
        cells = {value_text(config, name) for config in table} - {"–"}
        assert (name in varying_parameters(table)) == (len(cells) > 1)
    for config in table:
        assert (differences(table[0], config) == ()) == (differences(config, table[0]) == ())
        if differences(table[0], config):
            assert set(varying_parameters([table[0], config])) or table[0].unused != config.unused
        else:
            assert varying_parameters([table[0], config]) == ()
