"""The parameter table, row by row: what is read, what is refused and how; and the configuration file."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.core.config.parameters import GROUPS, PARAMETERS, USERS, ConfigError, RunConfig, unused
from quadfit_tui.core.config.toml_file import ConfigFileError, read_values
from quadfit_tui.core.config.value_types import (
    Choice,
    Coefficients,
    Either,
    FilePath,
    Flag,
    Integer,
    Number,
    read_number,
    show_number,
)
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.problem import generator, make_problem
from quadfit_tui.core.model.task import make_task

properties = trials(40)
every_row = pytest.mark.parametrize("name", list(PARAMETERS))


def values(kind):
    """Valid values of a kind."""
    match kind:
        case Number(low, high, above, below):
            return st.floats(low, high, exclude_min=above, exclude_max=below)
        case Integer(low, high):
            return st.integers(low, high)
        case Coefficients(limit):
            return st.tuples(*[st.floats(-limit, limit)] * 3)
        case Choice(options):
            return st.sampled_from(options)
        case Flag():
            return st.booleans()
        case FilePath():
            return st.sampled_from([None, "samples.csv", "/tmp/ä b,c.csv", "-"])
        case Either(_, meaning, inner):
            return st.one_of(st.just(meaning), values(inner))
    raise AssertionError(kind)


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
        case Either(_, _, inner):
            return refusals(inner)
    raise AssertionError(kind)


# Every row


def test_table_has_the_parameters_of_the_design():
    by_group = {group: [row.name for row in PARAMETERS.values() if row.group == group] for group in GROUPS}
    assert by_group == {
        "data": ["true", "samples", "x_min", "x_max", "noise", "data", "seed"],
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


@every_row
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
def test_shown_text_reads_back_to_the_same_value(name, data):
    row = PARAMETERS[name]
    value = data.draw(values(row.value_type))
    assert row.parse(value) == value
    assert row.parse(row.show(value)) == value
    assert row.parse(f" {row.show(value)} ") == value


@every_row
def test_refusal_names_parameter_value_and_what_is_allowed(name):
    row = PARAMETERS[name]
    for text in refusals(row.value_type):
        with pytest.raises(ConfigError) as refused:
            row.parse(text)
        message = str(refused.value)
        assert refused.value.names == (name,)
        assert refused.value.value == text
        assert message.startswith(repr(text))
        assert message.endswith(f"allowed: {row.value_type.allowed}")
        assert "\n" not in message
        with pytest.raises(ConfigError):
            RunConfig(**{name: text})


@every_row
def test_yes_and_no_are_neither_numbers_nor_words(name):
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("lr", 0, "is too small; allowed: above 0, up to 1e6"),
        ("lr", -1, "is too small"),
        ("lr", 1e7, "is too large"),
        ("epochs", 0, "is too small; allowed: a whole number from 1 to 1e9"),
        ("batch", 0, "is too small; allowed: a whole number from 1 to 1e6, or full"),
        ("samples", 1_000_001, "is too large; allowed: a whole number from 1 to 1e6"),
        ("samples", 2.5, "is not a whole number"),
        ("momentum", 1, "'1' is too large; allowed: from 0, below 1"),
        ("beta2", "1", "is too large; allowed: from 0, below 1"),
        ("rho", -0.1, "is too small; allowed: from 0, below 1"),
        ("epsilon", 0, "is too small; allowed: above 0, up to 1"),
        ("decay_rate", 0, "is too small; allowed: above 0, up to 1"),
        ("decay_rate", 1.5, "is too large"),
        ("optimizer", "adamw", "is not known; allowed: one of sgd, momentum, nesterov, adagrad, rmsprop, adam"),
        ("schedule", "linear", "is not known; allowed: one of halve, constant, exponential, cosine, inverse-time"),
        ("gradient", "quarter", "is not known; allowed: one of half, full"),
        ("stop_on", "always", "is not known; allowed: one of dataset, last-update, never"),
        ("init", (1, 2), "is 2 numbers, not three; allowed: three numbers a, b, c from -1e12 to 1e12, or random"),
        ("init", "7", "is 1 number, not three"),
        ("shuffle", "maybe", "is neither yes nor no; allowed: yes or no"),
        ("data", 5, "is not the name of a file"),
        ("tol", math.nan, "is not a finite number"),
        ("tol", 10**400, "is not a finite number"),
    ],
)
def test_reasons_are_given_in_plain_words(name, value, reason):
    with pytest.raises(ConfigError) as refused:
        RunConfig(**{name: value})
    assert reason in str(refused.value)


# Numbers as people write them


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (",5", 0.5),
        (".5", 0.5),
        ("5,", 5),
        ("-0,25", -0.25),
        ("0,500", 0.5),
        ("1,0000", 1),
        ("1000,5", 1000.5),
        ("1e-3", 1e-3),
        ("1,5E-3", 1.5e-3),
        ("+2", 2),
        ("-11/6", -11 / 6),
        ("−11/6", -11 / 6),
        ("–11/6", -11 / 6),
        (" 1 / 3 ", 1 / 3),
        ("0,5/2", 0.25),
        ("０．５", 0.5),
        ("－２", -2),
        ("１１／６", 11 / 6),
        ("1e308", 1e308),
        ("5e-324", 5e-324),
    ],
)
def test_number_is_read_as_people_write_it(text, value):
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text", ["", " ", "abc", "nan", "NaN", "inf", "-Infinity", "1e999", "1/0", "1/0,0", "0/0", "nan/1", "1/inf", "1/"]
)
def test_what_is_no_finite_number_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a|divides by zero"):
        read_number(text)


@pytest.mark.parametrize("text", ["1,000", "-12,345", "999,999", "1,000/3"])
def test_a_comma_that_could_mean_thousands_is_refused_with_both_readings(text):
    with pytest.raises(ValueError, match=r"could mean .*\..* or \d+|could mean") as refused:
        read_number(text)
    number = text.partition("/")[0]
    assert number.replace(",", ".") in str(refused.value)
    assert number.replace(",", "") in str(refused.value)


@pytest.mark.parametrize("text", ["1,000,000", "1.000,5", "1,2,3", "0x10", "1 000"])
def test_other_notations_are_refused(text):
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)


def test_a_chain_of_divisions_is_never_read_from_its_end():
    # 1/2/3 is a sixth to everyone, or a slip of the hand; never one and a half.
    try:
        value = read_number("1/2/3")
    except ValueError:
        return
    assert value == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    "text",
    ["/".join(["1"] * 5000), "1" * 5000, "-" * 5000, "1e" + "9" * 5000],
    ids=["divisions", "digits", "signs", "exponent"],
)
def test_absurdly_long_numbers_are_read_or_refused_not_crashed_on(text):
    for name in ("lr", "samples", "init"):
        try:
            PARAMETERS[name].parse(text)
        except ConfigError as refused:
            assert refused.names == (name,)  # noqa: PT017  either outcome is fine


def test_the_bounds_hold_for_integers_beyond_a_double_too():
    assert RunConfig(seed="999999999999999999").seed == 999_999_999_999_999_999
    with pytest.raises(ConfigError, match="too large"):
        RunConfig(seed=2**4000)
    with pytest.raises(ConfigError):
        RunConfig(samples=16**5000)  # more digits than Python likes to print


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("samples", "1e3", 1000),
        ("samples", "１００", 100),
        ("samples", "12.0", 12),
        ("epochs", "4/2", 2),
        ("batch", "full", "full"),
        ("batch", " FULL ", "full"),
        ("batch", "16", 16),
        ("round_epochs", "off", None),
        ("round_epochs", "2", 2),
        ("round_epochs", None, None),
        ("init", "random", "random"),
        ("init", "Random", "random"),
        ("schedule", " Halve", "halve"),
        ("shuffle", "on", True),
        ("shuffle", "TRUE", True),
        ("shuffle", "1", True),
        ("shuffle", "0", False),
        ("shuffle", "No", False),
        ("data", "", None),
        ("data", "  a b.csv ", "a b.csv"),
    ],
)
def test_words_and_whole_numbers_are_read_generously(name, text, value):
    read = PARAMETERS[name].parse(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2,-4,3", (2, -4, 3)),
        ("2, -4, 3", (2, -4, 3)),
        ("2 ,-4 ,3", (2, -4, 3)),
        ("2 -4 3", (2, -4, 3)),
        ("2;-4;3", (2, -4, 3)),
        ("0,5; -4; 3", (0.5, -4, 3)),
        ("0,5 -4 3,25", (0.5, -4, 3.25)),
        ("(2, -4, 3)", (2, -4, 3)),
        ("[2, −4, 3]", (2, -4, 3)),
        ("-11/6, -395/3, -2400", (-11 / 6, -395 / 3, -2400)),
        ("-11/6,-395/3,-2400", (-11 / 6, -395 / 3, -2400)),
        ("２，－４，３", (2, -4, 3)),
        ("1e3,2E-1,.5", (1000, 0.2, 0.5)),
    ],
)
def test_three_numbers_are_read_as_people_write_them(text, value):
    for name in ("true", "init"):
        assert getattr(RunConfig(**{name: text}), name) == value


@pytest.mark.parametrize("text", ["0,5, -4, 3", "1,000; 2; 3", "2,-4", "2 -4 3 1", "2,,3", "a, b, c", "1;2;x"])
def test_three_numbers_that_are_not_three_are_refused(text):
    with pytest.raises(ConfigError):
        RunConfig(true=text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (800.0, "800"),
        (1e-5, "1e-05"),
        (-11 / 6, "-11/6"),
        (-395 / 3, "-395/3"),
        (0.1, "0.1"),
        (-0.0, "0"),
    ],
)
def test_number_is_shown_briefly(value, text):
    assert show_number(value) == text


# Checks across parameters


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (1, -1), (1e6, 1e6)])
def test_x_min_has_to_be_below_x_max(low, high):
    with pytest.raises(ConfigError, match="is empty; allowed: x_min below x_max") as refused:
        RunConfig(x_min=low, x_max=high)
    assert refused.value.names == ("x_min", "x_max")
    assert refused.value.value == f"{show_number(low)} to {show_number(high)}"


def test_batch_has_to_be_within_the_samples():
    with pytest.raises(ConfigError, match="'11' is more than there are samples; allowed: 1 to 10, or full") as refused:
        RunConfig(samples=10, batch=11)
    assert refused.value.names == ("batch",)
    assert RunConfig(samples=10, batch=10).batch == 10
    assert RunConfig(samples=1, batch="full").batch == "full"


def test_a_data_file_makes_what_describes_made_samples_irrelevant():
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


def test_equal_values_however_written_are_equal_configurations():
    assert RunConfig(lr="1/2", samples="8e2", true="2 -4 3") == RunConfig()
    assert hash(RunConfig(lr="0,5")) == hash(RunConfig())


# What a run uses


@pytest.mark.parametrize(
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
    some = {"momentum", "rho", "beta1", "beta2", "epsilon", "decay_every", "decay_rate"}
    assert config.unused == some - used
    assert unused({"optimizer": "sgd", "schedule": "halve", **choices}) == some - used


def test_every_word_that_uses_a_parameter_is_one_of_its_choice_and_a_row_is_of_one_table_only():
    for name, (choice, words) in USERS.items():
        assert set(words) < set(PARAMETERS[choice].value_type.options)
        assert PARAMETERS[name].group == PARAMETERS[choice].group
    of_table = [{name for row in table.values() for name in row.parameters} for table in (OPTIMIZERS, SCHEDULES)]
    assert not of_table[0] & of_table[1]
    assert set(USERS) == of_table[0] | of_table[1]


# What the seed determines


def test_one_seed_gives_independent_streams(plain):
    base = RunConfig(samples=20, seed=4, init="random", noise=0.5)
    other = base.replace(shuffle=True, noise=0)
    assert make_task(base).start.tolist() == make_task(other).start.tolist()
    assert make_task(base).start.tolist() != make_task(base.replace(seed=5)).start.tolist()
    assert all(-10 <= value <= 10 for value in make_task(base).start.tolist())
    _, ys = plain.samples(base)
    noise = (make_problem(base).y - ys) / 0.5
    assert noise.tolist() == pytest.approx(generator(4, 0).standard_normal(20).tolist())
    assert make_problem(base).y.tolist() == make_problem(base).y.tolist()
    assert make_problem(base).y.tolist() != make_problem(base.replace(seed=5)).y.tolist()


def test_last_sample_falls_one_spacing_short():
    assert make_problem(RunConfig(samples=4, x_min=0, x_max=2)).x.tolist() == [0, 0.5, 1, 1.5]


# Configuration files


@pytest.fixture
def toml(tmp_path):
    def write(content):
        file = tmp_path / "run.toml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(file)

    return write


def read_config(path, base):
    """The values of a file over a configuration."""
    return base.replace(**read_values(path))


EVERY_KEY = """\
true = [1, -2.5, "1/3"]
samples = 100
x_min = -2
x_max = 2.5
noise = 0.25
data = "absent.csv"
seed = 7
init = "random"
optimizer = "adam"
momentum = 0.5
rho = 0.8
beta1 = 0.7
beta2 = 0.99
epsilon = 1e-6
lr = 1e-3
schedule = "constant"
decay_every = 5
decay_rate = 0.25
batch = "full"
shuffle = true
epochs = 20
gradient = "full"
scale_features = true
tol = 0
stop_on = "never"
round_epochs = 3
"""


def test_file_may_set_every_key(toml, tmp_path):
    config = read_config(toml(EVERY_KEY), RunConfig())
    assert config == RunConfig(
        true=(1, -2.5, 1 / 3),
        samples=100,
        x_min=-2,
        x_max=2.5,
        noise=0.25,
        data=str(tmp_path / "absent.csv"),  # as seen from the file
        seed=7,
        init="random",
        optimizer="adam",
        momentum=0.5,
        rho=0.8,
        beta1=0.7,
        beta2=0.99,
        epsilon=1e-6,
        lr=1e-3,
        schedule="constant",
        decay_every=5,
        decay_rate=0.25,
        batch="full",
        shuffle=True,
        epochs=20,
        gradient="full",
        scale_features=True,
        tol=0,
        stop_on="never",
        round_epochs=3,
    )
    assert {line.partition(" ")[0] for line in EVERY_KEY.splitlines()} == set(PARAMETERS)


@pytest.mark.parametrize(
    "content",
    ["lr = 0.25\n", b"\xef\xbb\xbflr = 0.25\n", "lr = 0.25\r\n", "# a comment\nlr = 0.25", 'lr = "0,25"', 'lr = "1/4"'],
)
def test_file_is_put_over_its_base(toml, content):
    base = RunConfig(samples=50)
    assert read_config(toml(content), base) == base.replace(lr=0.25)


def test_empty_file_changes_nothing(toml):
    assert read_config(toml(""), RunConfig(lr=0.1)) == RunConfig(lr=0.1)


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("lr = true", "lr", "true"),
        ("lr = nan", "lr", "nan"),
        ("lr = inf", "lr", "inf"),
        ("lr = -1", "lr", "-1"),
        ('lr = "abc"', "lr", "abc"),
        ("lr = [1]", "lr", "[1]"),
        ("lr = 2020-01-01", "lr", "2020-01-01"),
        ("samples = 1.5", "samples", "1.5"),
        ("samples = false", "samples", "false"),
        ("batch = 0", "batch", "0"),
        ("batch = 801", "batch", "801"),
        ("true = [1, 2]", "true", "[1, 2]"),
        ("true = 3", "true", "3"),
        ("true = [1, [2], 3]", "true", "[1, [2], 3]"),
        ("shuffle = 1", "shuffle", "1"),
        ("schedule = 5", "schedule", "5"),
        ("data = 5", "data", "5"),
        ("[init]\na = 1", "init", "{'a': 1}"),
    ],
)
def test_ill_typed_key_is_refused_by_name_and_value(toml, line, name, value):
    with pytest.raises(ConfigError) as refused:
        read_config(toml(line), RunConfig())
    assert refused.value.names == (name,)
    assert refused.value.value == value
    assert "allowed: " in str(refused.value)


@pytest.mark.parametrize(("key", "meant"), [("lrr", "lr"), ("epoch", "epochs"), ("x-min", "x_min"), ("Batch", "batch")])
def test_unknown_key_is_refused_with_a_hint(toml, key, meant):
    with pytest.raises(ConfigFileError) as refused:
        read_config(toml(f"{key} = 1"), RunConfig())
    assert f"unknown key {key!r} (did you mean {meant!r}?); allowed: true, samples, " in str(refused.value)


def test_unknown_key_without_a_likeness_gets_no_hint(toml):
    with pytest.raises(ConfigFileError, match=r"unknown key 'zzz'; allowed: true, .*, round_epochs$"):
        read_config(toml("lr = 0.1\nzzz = 1"), RunConfig())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("lr = ", "is not valid TOML"),
        ("lr 0.5", "is not valid TOML"),
        ("lr = 0.5\nlr = 0.6", "is not valid TOML"),
        (b"\x00\x01\x02", "is not valid TOML"),
        (b"\xff\xfe\x00", "is not text"),
        (bytes(range(128, 256)), "is not text"),
        ("lr = " + "[" * 5000, "TOML"),
        ("samples = " + "1" * 5000, "allowed"),
        ("samples = 0x" + "f" * 5000, "allowed"),
    ],
    ids=["no value", "no sign", "twice", "zeros", "UTF-16", "Latin-1", "nested deeply", "digits", "hex digits"],
)
def test_broken_file_is_refused_in_one_line(toml, content, reason):
    with pytest.raises((ConfigFileError, ConfigError), match=reason) as refused:
        read_config(toml(content), RunConfig())
    assert "allowed: " in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(("name", "reason"), [("absent.toml", "No such file"), (".", "Is a directory")])
def test_file_that_cannot_be_read_is_refused(tmp_path, name, reason):
    with pytest.raises(ConfigFileError, match=f"cannot be read: {reason}.*; allowed: a TOML file"):
        read_config(str(tmp_path / name), RunConfig())
