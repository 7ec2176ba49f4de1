"""Files of samples whose names and headings hold what shells do not take for itself."""

from pathlib import Path

from quadfit_tui.core.config.presets import PRESETS

SIGNS = ["=", "\\", "'", "\\'", "'\\", '"', "$HOME", "`id`", "!!", "~", "*?[a]", "{a,b}", "(;&|<>)", "#", "%s", " "]
SIGNS += ["-", "-é数", "ﬁ ∂", "^"]
NAMES = [name for sign in SIGNS for name in (f"{sign}a.csv", f"a{sign}b.csv", f"a.csv{sign}")]


def sixty_runs(folder):
    """A configuration for each of the NAMES, whose file it makes in a folder, where the program has to be."""
    runs = []
    for number, name in enumerate(NAMES):
        heading = f"größe {SIGNS[number // 3]}"  # which in ASCII is in octal digits
        first = '"' + heading.replace('"', '""') + '"'
        rows = [f"{(i - 5) / 7!r},{(i * i - number * i) / 3!r}" for i in range(12)]
        (Path(folder) / name).write_text("\n".join([f"{first},y", *rows, ""]), encoding="utf-8")
        runs.append(PRESETS["own-data"].replace(data=name, columns=(heading, "2"), lr=(number + 1) / 1000))
    assert len({*NAMES}) == 60
    return runs
