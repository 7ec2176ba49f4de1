"""The program: what `quadfit-tui` and `python -m quadfit_tui` start."""

import gc
import os
import signal


def main() -> None:
    """Runs the command line, in an environment whose locale names no files.

    ctrl+c ends it at once and without a word, until there is something to be ended in order. Python would raise
    KeyboardInterrupt wherever it is, and print where that was: amid the imports, or amid an error that is being told.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is to be ignored, as in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # until a command begins, or the app is there: what is imported and made until then stays
    from quadfit_tui.cli.locale_names import drop_paths

    drop_paths(os.environ)
    from quadfit_tui.main import main as command_line  # click looks up its messages as it is imported

    command_line()


if __name__ == "__main__":
    main()
