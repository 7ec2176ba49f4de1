"""Names of locales: names that are paths are dropped from the environment, lest a foreign file be read.

Python's gettext joins the name with the folder of catalogs and `messages.mo`, so that `/tmp/x` or `../../x` leads
anywhere; sshd takes LANG and LC_* from whoever logs in. What is imported afterwards looks them up.
"""

from __future__ import annotations

from collections.abc import MutableMapping

_MARKS = frozenset("_-.@+")  # allowed in language_TERRITORY.codeset@modifier, beside letters and digits


def drop_paths(environ: MutableMapping[str, str]) -> None:
    """Removes LANG, LANGUAGE and LC_* from the environment if their value is not the name of a locale."""
    for variable in [name for name in environ if name in ("LANG", "LANGUAGE") or name.startswith("LC_")]:
        names = environ[variable].split(":") if variable == "LANGUAGE" else [environ[variable]]
        if not all(map(is_locale_name, names)):
            del environ[variable]


def is_locale_name(text: str) -> bool:
    """Whether a text is empty or may be the name of a locale (language_TERRITORY.codeset@modifier)."""
    return not text or (text.isascii() and text[0].isalnum() and all(char.isalnum() or char in _MARKS for char in text))
