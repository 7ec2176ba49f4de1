"""Names of locales that lead to files, as somebody may send them who logs in."""

import os
import socket

# Where Python's gettext looks for the messages of a name, below it.
CATALOGUE = "LC_MESSAGES/messages.mo"


def catalogue(**messages):
    """A compiled catalogue (GNU gettext, "The Format of GNU MO Files"), in the byte order of its magic number."""
    pairs = [(b"", b"Content-Type: text/plain; charset=UTF-8\n")]
    pairs += sorted((key.encode(), text.encode()) for key, text in messages.items())
    count, head = len(pairs), 28
    texts, tables, at = b"", [], head + 16 * count
    for part in (0, 1):
        for pair in pairs:
            tables += [len(pair[part]), at + len(texts)]
            texts += pair[part] + b"\0"
    numbers = [0x950412DE, 0, count, head, head + 8 * count, 0, 0, *tables]
    return b"".join(number.to_bytes(4, "little") for number in numbers) + texts


def furnish(folder):
    """Sixteen names of locales that are paths, by what they lead to; some of it would hang or end who reads it."""

    def place(name):
        (folder / name / CATALOGUE).parent.mkdir(parents=True)
        return folder / name / CATALOGUE

    place("existing").write_bytes(catalogue(Usage="Verwendung", Options="Schalter", Commands="Befehle"))
    os.mkfifo(place("fifo"))
    place("zero").symlink_to("/dev/zero")
    place("short").write_bytes(b"\xde\x12\x04\x95")
    place("empty").touch()
    place("text").write_text("no catalogue at all\n" * 100)
    place("folder").mkdir()
    place("loop").symlink_to("messages.mo")
    place("terminal").symlink_to("/dev/tty")
    place("secret").write_bytes(catalogue(Usage="x"))
    (folder / "secret" / CATALOGUE).chmod(0)
    with socket.socket(socket.AF_UNIX) as sock:
        place("socket")
        here = os.getcwd()
        os.chdir((folder / "socket" / CATALOGUE).parent)  # a socket's path may not be long
        sock.bind("messages.mo")
        os.chdir(here)
    up = "../" * 30
    names = {path.name: str(path) for path in folder.iterdir()}
    names["relative"] = f"{up}{folder}/existing"
    names["behind a language"] = f"de/{up}{folder}/fifo"
    names["with a codeset"] = f"{folder}/existing.UTF-8@euro"
    names["escaped"] = f"%2e%2e%2f{folder}/existing"
    names["processes"] = "/proc/self/root"
    return names
