"""The numbers of a sentence that is made to be heard: "minus 4.05 times ten to the minus 6" is -4.05e-06."""

import re

_NUMBER = re.compile(r"(minus )?(\d+(?:\.\d+)?)(?: (million|billion|trillion)\b| times ten to the ((?:minus )?\d+))?")
_POWERS = {"million": "6", "billion": "9", "trillion": "12", None: "0"}


def heard(text):
    """All of them, in their order."""
    return [
        float(f"{sign and '-'}{digits}e{(power or _POWERS[unit or None]).replace('minus ', '-')}")
        for sign, digits, unit, power in _NUMBER.findall(text.replace(",", ""))
    ]
