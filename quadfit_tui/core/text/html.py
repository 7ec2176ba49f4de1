"""HTML for notebooks: a table of names and texts, and samples with the parabola that is fitted to them, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

_WIDTH, _HEIGHT, _MARGIN = 480, 240, 8  # pixels
_MOST_DOTS = 400  # of very many samples every second, third ... is seen
_POINTS = 101  # of the curve


def table(rows: Mapping[str, str]) -> str:
    """A table with a row for each name and its text."""
    from html import escape  # a program that is no notebook needs none

    cells = (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items())
    return f"<table>{''.join(cells)}</table>"


def fit(x: Sequence[float], y: Sequence[float], w: Sequence[float]) -> str:
    """The samples as dots, the parabola of w = (a, b, c) as a line: an SVG for light pages and dark ones.

    Of a parabola far off only what is near the samples is shown, which it would press to a line.
    """
    left, right, low, high = min(x), max(x), min(y), max(y)
    room = (high - low) or 1.0
    a, b, c = w
    curve = [(at, (a * at + b) * at + c) for at in (left + (right - left) * i / (_POINTS - 1) for i in range(_POINTS))]
    near = [(at, value) for at, value in curve if low - room <= value <= high + room]
    across = _scale(left, right, _MARGIN, _WIDTH - _MARGIN)
    down = _scale(min([low, *(v for _, v in near)]), max([high, *(v for _, v in near)]), _HEIGHT - _MARGIN, _MARGIN)
    apart = -(-len(x) // _MOST_DOTS)
    seen = zip(x[::apart], y[::apart], strict=True)
    dots = "".join(f'<circle cx="{across(at):.1f}" cy="{down(value):.1f}" r="2"/>' for at, value in seen)
    points = " ".join(f"{across(at):.1f},{down(value):.1f}" for at, value in near)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{_WIDTH}" height="{_HEIGHT}">'
        f'<title>Samples and parabola</title><g fill="#888">{dots}</g>'
        f'<polyline fill="none" stroke="#c50" stroke-width="2" points="{points}"/></svg>'
    )


def _scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    """What takes the numbers from low to high to those from first to last; a single one to the middle."""
    if low == high:
        return lambda _: (first + last) / 2
    return lambda value: first + (last - first) * ((value - low) / (high - low))
