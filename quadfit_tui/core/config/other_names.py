"""OTHER_NAMES: what other programs and textbooks call the parameters, for suggestions where a name is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from quadfit_tui.core.text.quoting import nearest, with_near

if TYPE_CHECKING:
    from typing import Self

# By parameter. An unknown name is looked up here before its spelling is compared: by spelling alone, learning_rate
# would be taken for decay_rate.
_NAMES = {
    "lr": "learning_rate learningrate learn_rate rate eta eta0 alpha lr0 lr_init step_size stepsize 学习率 步长",
    "batch": "batch_size batchsize minibatch mini_batch minibatch_size bs 批 批量 批大小",
    "epochs": "steps iterations iters iter n_iter max_iter max_iterations num_iterations n_epochs num_epochs nepochs "
    "max_epochs updates max_steps passes 轮 轮数",
    "seed": "seeds random_seed random_state rng rng_seed 种子",
    "samples": "n_samples num_samples nsamples points n_points sample_size size n 样本 样本数",
    "noise": "sigma std stddev noise_std noise_level noise_sd 噪声",
    "data": "file csv filename file_name path input dataset",
    "columns": "cols usecols column",
    "encoding": "charset codec",
    "skip": "skiprows skip_rows skip_lines header header_lines",
    "true": "truth coefficients coef coefs true_w target",
    "init": "start initial initial_w w0 w_init guess x0 p0 initialization",
    "optimizer": "opt optim optimiser algorithm method solver 优化器",
    "momentum": "mu velocity 动量",
    "rho": "smoothing",
    "beta1": "beta_1 b1 beta betas",
    "beta2": "beta_2 b2",
    "epsilon": "eps",
    "schedule": "scheduler lr_schedule lr_scheduler learning_rate_schedule annealing decay",
    "decay_every": "decay_steps halve_every step_every period decay_epochs",
    "decay_rate": "gamma decay_factor lr_decay learning_rate_decay",
    "shuffle": "randomize random_order shuffled",
    "gradient": "convention grad",
    "scale_features": "scale scaling standardize normalize standardise normalise feature_scaling",
    "tol": "tolerance threshold atol rtol loss_tol",
    "stop_on": "stop stopping stop_rule early_stopping stop_criterion",
    "round_epochs": "round rounding decimals digits precision",
}
OTHER_NAMES = {other: name for name, others in _NAMES.items() for other in others.split()}


def resolve_other_name(text: str, words: Iterable[str]) -> str:
    """Returns the one of `words` for which a name is another name: `lr` or `--lr` for `rate`; empty if none."""
    plain, known = _plain(text), {_plain(word): word for word in words}
    return known.get(OTHER_NAMES.get(plain, plain), "")


def nearest_name(text: str, words: Iterable[str]) -> str:
    """Returns the one of `words` that an unknown name means, by meaning before spelling; empty if none is near."""
    words = [*words]
    return resolve_other_name(text, words) or nearest(text, words)


def did_you_mean_name(problem: str, text: str, words: Iterable[str]) -> str:
    """Appends to a message about an unknown name the one of `words` that it means, if any: `… (did you mean 'lr'?)`."""
    return with_near(problem, near) if (near := nearest_name(text, words)) else problem


def check_names(named: Mapping[str, object], known: Iterable[str]) -> None:
    """Raises TypeError, with a suggestion, if a keyword argument has an unknown name."""
    for name in named:
        if name not in known:
            raise TypeError(did_you_mean_name(f"RunConfig got an unexpected keyword argument {name!r}", name, known))


class KnownNames:
    """A base of dataclasses whose constructor suggests a name for an unknown one, such as `lr` for `learning_rate`."""

    def __new__(cls, *_values: object, **named: object) -> Self:
        check_names(named, vars(cls)["__dataclass_fields__"])
        return super().__new__(cls)


def _plain(text: str) -> str:
    return text.strip().lstrip("-").lower().replace("-", "_").replace(" ", "_")
