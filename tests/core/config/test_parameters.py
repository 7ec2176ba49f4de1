"""The parameter table, row by row: what is read, what is refused and how; checks across rows; what a run uses."""

import math

import pytest
from configurations import values
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import GROUPS, PARAMETERS, USED_BY, ConfigError, RunConfig, unused
from quadfit_tui.core.config.two_columns import ColumnPair
from quadfit_tui.core.config.value_types import (
    Choice,
    Coefficients,
    Either,
    FilePath,
    Flag,
    Integer,
    Number,
    show_number,
)
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.problem import generator, make_dataset
from quadfit_tui.core.model.task import make_task

properties = trials(40)
every_row = pytest.mark.parametrize("name", list(PARAMETERS))


def refusals(kind):
    """Texts that a kind refuses."""
    match kind:
        case Number(low, high, above, below):
            bounds = [repr(low)] * above + [repr(high)] * below
            return [
                *bounds,
                "",
                "abc",
                "nan",
                "inf",
                "-inf",
                "1e999",
                "1/0",
                "1,000",
                "1 2",
                "--1",
                f"{high * 2}",
                f"{low - 1}",
            ]
        case Integer(low, high):
            return ["", "abc", "nan", "inf", "1.5", "1/2", "yes", "1,000", str(high + 1), str(low - 1), f"{high}0"]
        case Coefficients(limit):
            return ["", "1", "1,2", "1,2,3,4", "a,b,c", "1,2,nan", "1,2,inf", f"0,0,{limit * 2}", f"{-limit * 2},0,0"]
        case Choice():
            return ["", "abc", "half-full", "1"]
        case Flag():
            return ["", "abc", "2", "-1", "yess"]
        case FilePath():
            return ["a\0b"]
        case ColumnPair():
            return ["height", "a,b,c", "a,", ",", "a\0b,c"]
        case Either(_, _, inner):
            return refusals(inner)
    raise AssertionError(kind)


# Every row


def test_table_has_the_parameters_of_the_design():
    by_group = {group: [row.name for row in PARAMETERS.values() if row.group == group] for group in GROUPS}
    assert by_group == {
        "data": ["true", "samples", "x_min", "x_max", "noise", "data", "columns", "encoding", "skip", "seed"],
        "start": ["init"],
        "training": [
            *("optimizer", "momentum", "rho", "beta1", "beta2", "epsilon"),
            *("lr", "schedule", "decay_every", "decay_rate"),
            *("batch", "shuffle", "epochs", "gradient", "scale_features"),
        ],
        "stopping": ["tol", "stop_on", "round_epochs"],
    }


def test_defaults_are_those_of_the_article():
    assert RunConfig() == RunConfig(
        true=(2, -4, 3),
        samples=800,
        x_min=-1,
        x_max=1,
        noise=0,
        data=None,
        columns=None,
        encoding="auto",
        seed=0,
        init="-11/6, -395/3, -2400",
        optimizer="sgd",
        momentum=0.9,
        rho=0.9,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-8,
        lr=0.5,
        schedule="halve",
        decay_every=10,
        decay_rate=0.5,
        batch=1,
        shuffle=False,
        epochs=100,
        gradient="half",
        scale_features=False,
        tol=1e-5,
        stop_on="dataset",
        round_epochs=None,
    )
    assert RunConfig().init == (-11 / 6, -395 / 3, -2400)


@table("name", PARAMETERS)
def test_default_is_allowed_and_told_with_help(name):
    row = PARAMETERS[name]
    assert row.parse(row.default) == row.default
    assert row.parse(row.show(row.default)) == row.default
    assert getattr(RunConfig(), name) == row.default
    assert row.help
    assert row.value_type.allowed
    assert row.option == "--" + name.replace("_", "-")
    assert row.default_text.startswith(row.show(row.default))


@every_row
@properties
@given(data=st.data())
def test_shown_value_parses_back(name, data):
    row = PARAMETERS[name]
    value = data.draw(values(row.value_type))
    assert row.parse(value) == value
    assert row.parse(row.show(value)) == value
    if not isinstance(row.value_type, FilePath):  # in the name of which blanks may stand
        assert row.parse(f" {row.show(value)} ") == value


def test_only_example_names_are_normalized():
    assert PARAMETERS["data"].parse("ｅｘａｍｐｌｅ：pontius") == "example:pontius"
    for name in ("数据（１）：a.csv", "ａ.csv", " example:pontius" + "x" * 400):
        assert PARAMETERS["data"].parse(name) == name


@table("name", PARAMETERS)
def test_refusal_states_name_value_and_allowed(name):
    row = PARAMETERS[name]
    for text in refusals(row.value_type):
        with pytest.raises(ConfigError) as refused:
            row.parse(text)
        message = str(refused.value)
        assert refused.value.names == (name,)
        assert refused.value.value == text
        assert message.startswith(f"{name}: {text!r}")
        assert message == f"{name}: {refused.value.problem}"
        assert message.endswith(f"allowed: {row.value_type.allowed}")
        assert "\n" not in message
        with pytest.raises(ConfigError):
            RunConfig(**{name: text})


@table("name", PARAMETERS)
def test_booleans_and_wrong_types_are_refused(name):
    row = PARAMETERS[name]
    if isinstance(row.value_type, Flag):
        assert row.parse(True) is True
        return
    wrongs = (True, False, [True, 1, 2], [], {}, 1j, object())
    if name == "round_epochs":
        assert row.parse(False) is None  # the natural spelling of off
        wrongs = (True, *wrongs[2:])
    for wrong in wrongs:
        with pytest.raises(ConfigError):
            row.parse(wrong)
    if name != "data":
        with pytest.raises(ConfigError) as refused:
            row.parse(True)
        assert refused.value.value == "true"  # as TOML has it


@table(
    ("name", "low", "high"),
    [
        ("samples", 1, 1_000_000),
        ("x_min", -1e12, 0.5),
        ("x_max", 0, 1e12),
        ("noise", 0, 1e12),
        ("seed", 0, 10**18),
        ("lr", 5e-324, 1e6),
        ("momentum", 0, math.nextafter(1, 0)),
        ("rho", 0, math.nextafter(1, 0)),
        ("beta1", 0, math.nextafter(1, 0)),
        ("beta2", 0, math.nextafter(1, 0)),
        ("epsilon", 5e-324, 1),
        ("decay_every", 1, 10**9),
        ("decay_rate", 5e-324, 1),
        ("batch", 1, 800),
        ("epochs", 1, 10**9),
        ("tol", 0, 1e12),
        ("round_epochs", 0, 12),
        ("true", (-1e12, -1e12, -1e12), (1e12, 1e12, 1e12)),
        ("init", (-1e12, -1e12, -1e12), (1e12, 1e12, 1e12)),
    ],
)
def test_bounds_themselves_are_allowed(name, low, high):
    assert getattr(RunConfig(**{name: low}), name) == low
    assert getattr(RunConfig(**{name: high}), name) == high


@table(
    ("name", "value", "reason"),
    [
        ("lr", "0", "is too small; allowed: above 0, up to 1e6"),
        ("epochs", "0", "is too small; allowed: a whole number from 1 to 1e9"),
        ("samples", "1000001", "is too large; allowed: a whole number from 1 to 1e6"),
        ("samples", "2.5", "is not a whole number"),
        ("momentum", "1", "'1' is too large; allowed: from 0, below 1"),
        ("beta2", "1", "is too large; allowed: from 0, below 1"),
        ("decay_rate", "0", "is too small; allowed: above 0, up to 1"),
        ("optimizer", "adamw", "is not one of the choices (did you mean 'adam'?); allowed: one of sgd, momentum"),
        (
            "schedule",
            "linear",
            "is not one of the choices; allowed: one of halve, constant, exponential, cosine, inverse-time",
        ),
        ("init", "1, 2", "is 2 numbers, not three; allowed: three numbers a, b, c from -1e12 to 1e12, or random"),
        ("shuffle", "maybe", "is neither yes nor no; allowed: yes or no"),
        ("data", "a\0b", "is not the name of a file"),
        ("tol", "nan", "is not a finite number"),
        ("tol", "1e400", "is not a finite number"),
    ],
)
def test_reasons_are_given_in_plain_words(name, value, reason):
    with pytest.raises(ConfigError) as refused:
        RunConfig(**{name: value})
    assert reason in str(refused.value)


# Checks across parameters


@table(("low", "high"), [(1, 1), (2, 1), (1, -1), (1e6, 1e6)])
def test_empty_x_range_is_refused(low, high):
    with pytest.raises(ConfigError, match=r"^x_min, x_max: '.*' is empty; allowed: x_min below x_max$") as refused:
        RunConfig(x_min=low, x_max=high)
    assert refused.value.names == ("x_min", "x_max")
    assert refused.value.value == f"{show_number(low)} to {show_number(high)}"


def test_batch_has_to_be_within_the_samples():
    with pytest.raises(ConfigError) as refused:
        RunConfig(samples=10, batch=11)
    assert refused.value.names == ("batch",)
    assert refused.value.problem == "'11' exceeds the number of samples; allowed: 1 to 10, or full"
    assert RunConfig(samples=10, batch=10).batch == 10
    assert RunConfig(samples=1, batch="full").batch == "full"


def test_data_file_skips_sample_checks():
    config = RunConfig(data="samples.csv", x_min=2, x_max=1, samples=5, batch=100)
    assert config.data == "samples.csv"


def test_replace_checks_as_well():
    config = RunConfig()
    assert config.replace(lr="0,25").lr == 0.25
    assert config.lr == 0.5
    with pytest.raises(ConfigError):
        config.replace(batch=801)
    with pytest.raises(ConfigError):
        config.replace(lr=0)


def made(values):
    """A configuration of values, or what is told where they are refused."""
    try:
        return RunConfig(**values)
    except (ConfigError, TypeError) as refused:
        return str(refused)


@properties
@given(st.data())
def test_changed_copy_equals_fresh_configuration(data):
    rows = {name: row.value_type for name, row in PARAMETERS.items()}
    wrong = st.sampled_from(["", "x", -1, 2.5, None, (1, 2), "1e13", "full", True])
    given_ = st.fixed_dictionaries({}, optional={name: values(kind) for name, kind in rows.items()})
    changes = st.fixed_dictionaries({}, optional={name: values(kind) | wrong for name, kind in rows.items()})
    config = made(data.draw(given_))
    if isinstance(config, str):
        return
    changed = data.draw(changes)
    before = vars(config).copy()
    try:
        copy = config.with_values(changed)
    except ConfigError as refused:
        copy = str(refused)
    else:
        assert list(vars(copy)) == list(before)
        assert {name: repr(value) for name, value in vars(copy).items()} == {
            name: repr(value) for name, value in vars(made(before | changed)).items()
        }
    assert copy == made(before | changed)
    assert vars(config) == before


def test_unknown_change_raises_type_error():
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'rate' \(did you mean 'lr'\?\)"):
        RunConfig().replace(rate=1, lr=-1)


def test_equal_values_however_written_are_equal_configurations():
    assert RunConfig(lr="1/2", samples="8e2", true="2 -4 3") == RunConfig()
    assert hash(RunConfig(lr="0,5")) == hash(RunConfig())


def test_values_may_be_given_by_their_places():
    names = (
        "true samples x_min x_max noise data columns encoding seed init optimizer momentum rho beta1 beta2 epsilon lr"
    )
    assert RunConfig.__match_args__[:17] == tuple(names.split())
    assert RunConfig((2, -4, 3), 24, -1, 1, 0, None, None, "auto", 7) == RunConfig(samples=24, seed=7)


# What a run uses


@table(
    ("choices", "used"),
    [
        ({}, {"decay_every"}),
        ({"schedule": "constant"}, set()),
        ({"schedule": "cosine", "optimizer": "momentum"}, {"momentum"}),
        ({"schedule": "exponential"}, {"decay_every", "decay_rate"}),
        ({"schedule": "inverse-time", "optimizer": "nesterov"}, {"decay_every", "decay_rate", "momentum"}),
        ({"schedule": "constant", "optimizer": "adagrad"}, {"epsilon"}),
        ({"schedule": "constant", "optimizer": "rmsprop"}, {"rho", "epsilon"}),
        ({"optimizer": "adam"}, {"decay_every", "beta1", "beta2", "epsilon"}),
    ],
)
def test_what_is_unused_follows_from_the_choices(choices, used):
    config = RunConfig(**choices)
    some = {"momentum", "rho", "beta1", "beta2", "epsilon", "decay_every", "decay_rate", "columns", "encoding", "skip"}
    assert config.unused == some - used
    assert unused({"optimizer": "sgd", "schedule": "halve", **choices}) == some - used


def test_data_file_decides_unused_parameters():
    of_files, of_made_samples = {"columns", "encoding", "skip"}, {"true", "samples", "x_min", "x_max", "noise"}
    assert RunConfig().unused >= of_files
    assert not RunConfig().unused & of_made_samples
    assert RunConfig(data="a.csv").unused >= of_made_samples
    assert not RunConfig(data="a.csv").unused & of_files


def test_parameter_users_are_valid_choices():
    for name, (choice, words) in USED_BY.items():
        assert set(words) < set(PARAMETERS[choice].value_type.options)
        assert PARAMETERS[name].group == PARAMETERS[choice].group
    of_table = [{name for row in table.values() for name in row.parameters} for table in (OPTIMIZERS, SCHEDULES)]
    assert not of_table[0] & of_table[1]
    assert set(USED_BY) == of_table[0] | of_table[1]


# What the seed determines


def test_one_seed_gives_independent_streams(plain):
    base = RunConfig(samples=20, seed=4, init="random", noise=0.5)
    other = base.replace(shuffle=True, noise=0)
    assert make_task(base).start.tolist() == make_task(other).start.tolist()
    assert make_task(base).start.tolist() != make_task(base.replace(seed=5)).start.tolist()
    assert all(-10 <= value <= 10 for value in make_task(base).start.tolist())
    _, ys = plain.samples(base)
    noise = (make_dataset(base).y - ys) / 0.5
    assert noise.tolist() == pytest.approx(generator(4, 0).standard_normal(20).tolist())
    assert make_dataset(base).y.tolist() == make_dataset(base).y.tolist()
    assert make_dataset(base).y.tolist() != make_dataset(base.replace(seed=5)).y.tolist()
