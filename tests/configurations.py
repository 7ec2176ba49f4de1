"""Values of every parameter, and whole configurations of short runs, for tests that make them up."""

from hypothesis import strategies as st

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.two_columns import ColumnPair
from quadfit_tui.core.config.value_types import (
    Choice,
    Coefficients,
    Either,
    FilePath,
    Flag,
    Integer,
    Number,
)

MOST_SAMPLES = 12


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
            return st.sampled_from([None, "samples.csv", " /tmp/ä b,c.csv ", "-"])
        case ColumnPair():
            names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100)
            blanks = st.sampled_from(["height, in m", 'the "true" x', "a; b", "a；b", "身高，厘米", "-1 $x"])
            return st.one_of(st.none(), st.tuples(names | blanks, names | blanks))
        case Either(_, meaning, inner):
            return st.one_of(st.just(meaning), values(inner))
    raise AssertionError(kind)


@st.composite
def any_configurations(draw, files=()):
    """Any value of every parameter, used or not; not to be trained."""
    chosen = {name: draw(values(row.value_type)) for name, row in PARAMETERS.items() if name != "data"}
    ends = draw(st.lists(values(PARAMETERS["x_min"].value_type), min_size=2, max_size=2, unique=True))
    chosen["x_min"], chosen["x_max"] = sorted(ends)
    chosen["batch"] = draw(st.one_of(st.just("full"), st.integers(1, chosen["samples"])))
    return RunConfig(**chosen, data=draw(st.sampled_from([None, *files])))


@st.composite
def configurations(draw, files=(), columns=()):
    """A preset with any of the parameters changed, but short: of few samples, made or in one of the `files`.

    These hold MOST_SAMPLES each, in two columns, which are also those of each of the pairs `columns`.
    """
    names = draw(st.sets(st.sampled_from([name for name in PARAMETERS if name != "data"])))
    changes = {name: draw(values(PARAMETERS[name].value_type)) for name in sorted(names)}
    samples = draw(st.integers(1, MOST_SAMPLES))
    data = draw(st.sampled_from([None, *files]))
    most = samples if data is None else MOST_SAMPLES
    changes |= {"samples": samples, "epochs": draw(st.integers(1, 40)), "data": data}
    changes["batch"] = draw(st.one_of(st.just("full"), st.integers(1, most)))
    if data is not None:
        changes["columns"] = draw(st.sampled_from([None, *columns]))
        changes["encoding"] = draw(st.sampled_from(["auto", "utf-8", "latin-1"]))
        changes["skip"] = 0  # these have no more lines than they need
    if {"x_min", "x_max"} & {*changes}:
        ends = draw(st.lists(values(PARAMETERS["x_min"].value_type), min_size=2, max_size=2, unique=True))
        changes["x_min"], changes["x_max"] = sorted(ends)
    return PRESETS[draw(st.sampled_from([*PRESETS]))].replace(**changes)
