"""Tables of cases that each take next to no time."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any


def table(
    names: str | tuple[str, ...], rows: Iterable[Any], ids: Sequence[str] | Callable[[Any], str] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As `pytest.mark.parametrize`, but one test of all rows, which fails with the first that does, and names it.

    A test of its own takes 2 ms of pytest and its workers, many times what such a row takes. The rows share fixtures.
    """
    rows = list(rows)
    given = {names} if isinstance(names, str) else {*names}

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        def of_each_row(**others: Any) -> None:  # fixtures, and what the tables above give
            for number, row in enumerate(rows):
                values = {names: row} if isinstance(names, str) else dict(zip(names, row, strict=True))
                try:
                    check(**values, **others)
                except BaseException as failed:
                    told = repr(row) if ids is None else ids(row) if callable(ids) else ids[number]
                    failed.add_note(f"in row {number} of the table, {names}: {told}")
                    raise

        parameters = inspect.signature(check).parameters.values()
        left = [parameter for parameter in parameters if parameter.name not in given]
        of_each_row.__signature__ = inspect.Signature(left)  # type: ignore[attr-defined]  # what pytest is to give
        of_each_row.__name__, of_each_row.__doc__ = check.__name__, check.__doc__
        of_each_row.__module__, of_each_row.__qualname__ = check.__module__, check.__qualname__
        return of_each_row

    return decorate
