"""The catalogues of the program's texts, by Babel: python .packaging/catalogue.py

collects the texts that the code looks up, puts new ones into each catalogue, untranslated, takes out those that are
looked up no more, and compiles the catalogues. What it writes is committed: an editable install builds nothing.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1] / "quadfit_tui"
LOCALE = PACKAGE / "locale"
# The functions of core/text/language.py: which of what they are given is the context, the text, its plural.
KEYWORDS = {
    "_": None,
    "N_": None,
    "pgettext": ((1, "c"), 2),
    "pgettext_noop": ((1, "c"), 2),
    "ngettext": (1, 2),
    "ngettext_noop": (1, 2),
}
NAMES = {"zh_CN": "Chinese (simplified)"}
HEAD = """\
# {name} translation of quadfit-tui, under the same license.
# New texts and the .mo file: python .packaging/catalogue.py
msgid ""
msgstr ""
"Project-Id-Version: quadfit-tui\\n"
"PO-Revision-Date: 2026-11-29 12:00+0000\\n"
"Last-Translator: the quadfit-tui authors\\n"
"Language-Team: none\\n"
"Language: {code}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def template() -> Catalog:
    """All texts that the code looks up, by where they stand."""
    found = Catalog()
    for file, _line, text, comments, context in sorted(
        extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS, strip_comment_tags=True),
        key=lambda each: (each[0], each[1]),
    ):
        found.add(text, None, [(f"quadfit_tui/{file}", 0)], auto_comments=comments, context=context)
    return found


def key(message: Message) -> tuple[str | None, str]:
    """What gettext finds a text by."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def read(path: Path) -> Catalog:
    """The catalogue in a file."""
    with path.open("rb") as file:
        found = read_po(file, locale=path.parts[-3])
    found.creation_date = found.revision_date  # else it is now, and each .mo differs from the one before
    return found


def updated(old: Catalog, texts: Catalog) -> Catalog:
    """A catalogue with the texts that are looked up, and what the old one says to each."""
    said = {key(message): message.string for message in old if message.id}
    new = Catalog(locale=old.locale, fuzzy=False)
    for message in texts:
        if message.id:
            new.add(message.id, said.get(key(message), ""), message.locations, context=message.context)
    return new


def as_po(catalogue: Catalog) -> str:
    """A catalogue as a .po file: without dates, numbers of lines and wrapped lines, which differ without a reason."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, sort_by_file=True, include_lineno=False, omit_header=True)
    # "% of" is no format: the code has places in braces alone.
    texts = re.sub(
        r"^#, .*$", lambda flags: flags[0].replace(", python-format", ""), file.getvalue().decode(), flags=re.M
    )
    return HEAD.format(code=code(catalogue), name=NAMES[code(catalogue)], plural=catalogue.plural_forms) + texts


def code(catalogue: Catalog) -> str:
    """The language and the country, as the folder is called: zh_CN."""
    assert catalogue.locale is not None
    return f"{catalogue.locale.language}_{catalogue.locale.territory}"


def as_mo(catalogue: Catalog) -> bytes:
    """A catalogue compiled, as gettext reads it."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    texts = template()
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/quadfit_tui.po")):
        path.write_text(as_po(updated(read(path), texts)), encoding="utf-8")
        catalogue = read(path)
        path.with_suffix(".mo").write_bytes(as_mo(catalogue))
        missing = [message.id for message in catalogue if message.id and not message.string]
        print(f"{path.parts[-3]}: {len(catalogue)} texts, {len(missing)} untranslated")
        for text in missing:
            print(f"    {text}")


if __name__ == "__main__":
    main()
