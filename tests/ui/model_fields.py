"""What the app's fields mean: the texts that may stand there, what they are worth, and what keys do in a field.

It knows nothing of the program but names, as the Model that is made with it (model.py).
"""

import re
from dataclasses import dataclass, field

from oracle import is_covered

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import PRESETS

USED_BY = {  # parameter: the choice that it depends on, and the words that use it
    "momentum": ("optimizer", ("momentum", "nesterov")),
    "rho": ("optimizer", ("rmsprop",)),
    "beta1": ("optimizer", ("adam",)),
    "beta2": ("optimizer", ("adam",)),
    "epsilon": ("optimizer", ("adagrad", "rmsprop", "adam")),
    "decay_every": ("schedule", ("halve", "exponential", "inverse-time")),
    "decay_rate": ("schedule", ("exponential", "inverse-time")),
}
# As they stand in the form, those that follow each other by ↓.
ORDER = [
    "lr", "optimizer", "momentum", "rho", "beta1", "beta2", "epsilon", "batch", "schedule", "decay_every", "decay_rate",
    "epochs", "shuffle", "gradient", "scale_features", "tol", "stop_on", "round_epochs",
    "init", "true", "samples", "x_min", "x_max", "noise", "data", "columns", "encoding", "seed",
]  # fmt: skip
CHOICES = {
    "optimizer": ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"],
    "schedule": ["halve", "constant", "exponential", "cosine", "inverse-time"],
    "shuffle": ["no", "yes"],
    "gradient": ["half", "full"],
    "scale_features": ["no", "yes"],
    "stop_on": ["dataset", "last-update", "never"],
    "preset": list(PRESETS),
}
# What may be typed, by the models' own lights: (lowest, highest), whether whole.
BOUNDS = {
    "lr": (0, 1e6, False),
    "tol": (0, 1e12, False),
    "momentum": (0, 1, False),
    "samples": (1, 1_000_000, True),
    "epochs": (1, 10**9, True),
    "decay_every": (1, 10**9, True),
    "batch": (1, 1_000_000, True),
}
REFUSED = object()
CHARACTERS = {"space": " ", "comma": ",", "full_stop": ".", "slash": "/", "minus": "-", "colon": ":", "plus": "+"}
_NUMBER = re.compile(r"([-+]?)(\d+\.?\d*|\.\d+)(?:e([-+]?\d+))?", re.IGNORECASE)


def number(text):
    """The number that somebody typed, REFUSED where it is none."""
    text = text.strip()
    if text.count("/") == 1:
        above, below = map(number, text.split("/"))
        return REFUSED if REFUSED in (above, below) or below == 0 else above / below
    if re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", text):  # a thousand, or one?
        return REFUSED
    if text.count(",") == 1:
        text = text.replace(",", ".")
    found = _NUMBER.fullmatch(text)
    return float(text) if found and abs(float(text)) < float("inf") else REFUSED


def typed(name, text):
    """The value that a text in a field stands for, REFUSED where it cannot be one."""
    if name in CHOICES:
        return text == "yes" if CHOICES[name] == ["no", "yes"] else text
    if name == "batch" and text.strip().lower() == "full":
        return "full"
    value = number(text)
    if value is REFUSED:
        return REFUSED
    low, high, whole = BOUNDS[name]
    outside = value < low or value > high or (whole and value != int(value))
    outside |= (name == "lr" and value == low) or (name == "momentum" and value == high)
    return REFUSED if outside else int(value) if whole else value


def same_run(one, other):
    """Whether two configurations are of the same run: whatever they have that neither uses."""
    return all(getattr(one, name) == getattr(other, name) for name in used(vars(one))) and used(vars(one)) == used(
        vars(other)
    )


def used(choices):
    """The parameters that a run with these choices uses, as they stand in the form."""
    made = [name for name in ORDER if name not in ("columns", "encoding")]  # which only a file needs
    return [name for name in made if name not in USED_BY or choices[USED_BY[name][0]] in USED_BY[name][1]]


@dataclass
class Typing:
    """A field in use: the form's, or the prompt for a point (`goto`). `fresh`: what is typed replaces all of it."""

    name: str
    texts: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)  # of the texts that nobody typed
    fresh: bool = True

    @property
    def text(self):
        return self.texts[self.name]

    def type(self, character):
        self.put(character if self.fresh else self.text + character)

    def erase(self):
        self.put("" if self.fresh else self.text[:-1])

    def put(self, text):
        self.texts[self.name] = text
        self.values.pop(self.name, None)
        self.fresh = False

    def value(self, name):
        return self.values[name] if name in self.values else typed(name, self.texts[name])


class Fields:
    """The part of the Model that types: in the form, and at the prompt for a point."""

    def edit(self, name):
        config = self.run.config
        self.typing = Typing(name)
        self._fill(config)

    def _fill(self, config):
        preset = self.typing.texts.get("preset", preset_of(config))
        self.typing.texts = texts_of(config) | {"preset": preset}
        self.typing.values = {name: getattr(config, name) for name in PARAMETERS}

    @property
    def shown(self):
        """The texts of the form while nobody types there."""
        return texts_of(self.run.config) | {"preset": preset_of(self.run.config)}

    def _key_of_field(self, key):
        typing = self.typing
        character = CHARACTERS.get(key, key)
        if key == "escape":
            self.typing = None
        elif key == "enter":
            return self.enter()
        elif typing.name in CHOICES:
            return self._key_of_choice(key)
        elif len(character) == 1 and self._may_type:
            typing.type(character)
        elif key == "backspace" and self._may_type:
            typing.erase()
        elif typing.name != "goto" and key in ("tab", "down", "shift+tab", "up"):
            self._move(1 if key in ("tab", "down") else -1)
        else:
            return False
        return True

    @property
    def _may_type(self):
        """Whether the model can tell what such a text means, and the run does not become too long."""
        return self.typing.name == "goto" or (
            self.typing.name in BOUNDS and (self.typing.fresh or len(self.typing.text) < 6)
        )

    def _key_of_choice(self, key):
        typing, options = self.typing, CHOICES[self.typing.name]
        at = options.index(typing.text) if typing.text in options else -1
        if key in ("tab", "down", "shift+tab", "up"):
            self._move(1 if key in ("tab", "down") else -1)
        elif key in ("right", "space"):
            self._take(options[(at + 1) % len(options)])
        elif key == "left":
            self._take(options[(max(at, 0) - 1) % len(options)])
        elif len(key) == 1:
            later = [*options[at + 1 :], *options[: at + 1]]
            match = next((option for option in later if option.startswith(key.lower())), None)
            if match is not None:
                self._take(match)
        else:
            return False
        return True

    def _take(self, word):
        self.typing.put(word)
        if self.typing.name == "preset":
            self._fill(PRESETS[word])

    def _move(self, by):
        names = self.fields
        self.typing.name = names[(names.index(self.typing.name) + by) % len(names)]
        self.typing.fresh = True

    @property
    def fields(self):
        """The fields that are there, in order."""
        return self.fields_of(self.typing.texts)

    @staticmethod
    def fields_of(texts):
        return ["preset", *used(texts)]

    def enter(self):
        """Enter in a field: goes, or begins a run; where something is wrong the keys stay in the field at fault."""
        if self.typing.name == "goto":
            return self._enter_point()
        values = {name: self.typing.value(name) for name in PARAMETERS}
        wrong = next((name for name in self.fields[1:] if values[name] is REFUSED), None)
        values = {name: getattr(self.run.config, name) if value is REFUSED else value for name, value in values.items()}
        if wrong is None and values["batch"] != "full" and values["batch"] > values["samples"]:
            wrong = "batch"
        if wrong is not None:
            self.typing.fresh |= self.typing.name != wrong
            self.typing.name = wrong
            return True
        config = self.run.config.replace(**values)
        if not is_covered(config):
            return False
        self.begin(config)
        return True

    def _enter_point(self):
        before, colon, after = self.typing.text.strip().partition(":")
        per_epoch, epochs = self.run.oracle.per_epoch, self.run.config.epochs
        epoch, update = number(before), number(after) if colon else per_epoch
        if not before and not colon:
            self.typing = None
        elif before.lower() == "start" and not colon:
            self.typing = None
            self.go((0, 0))
        elif epoch is not REFUSED and update is not REFUSED and epoch == int(epoch) and update == int(update):
            point = (int(epoch + update // per_epoch), int(update % per_epoch))
            if 0 <= epoch < epochs and 1 <= update <= per_epoch:
                self.typing = None
                self.go(point)
        return True


def texts_of(config):
    """The values of a configuration as the form shows them."""
    return {name: row.show(getattr(config, name)) for name, row in PARAMETERS.items()}


def preset_of(config):
    """What the preset field says of a configuration."""
    return next((name for name, preset in PRESETS.items() if same_run(config, preset)), "custom")
