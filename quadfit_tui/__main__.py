"""Lets `python -m quadfit_tui` do what `quadfit-tui` does."""

from quadfit_tui.cli import main

if __name__ == "__main__":
    main()
