"""The exit codes of all commands, and the tables of them that help shows."""

from quadfit_tui.core.text.language import N_

OK = 0
CRASHED = 1
BAD_INPUT = 2
DIVERGED = 3
FALSE_FACTS = 4
LEFT_OUT = 5
NOT_THERE = 6
INTERRUPTED = 130

CRASH = N_("internal error; one line names the file with the report")
RUN_EXIT_CODES = (
    (f"{OK}", N_("converged, or completed all epochs")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input; one line says what is allowed")),
    (
        f"{DIVERGED}",
        N_("diverged: the numbers overflowed, or the mean loss ended above 1,000 times that of the start"),
    ),
    (f"{NOT_THERE}", N_("did not come to what --require asks for")),
    (f"{INTERRUPTED}", N_("interrupted (ctrl+c)")),
)
SWEEP_EXIT_CODES = (
    (f"{OK}", N_("all runs were trained, whatever they came to")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input, or a file that could not be written; one line says what is allowed")),
    (f"{LEFT_OUT}", N_("some runs could not be trained; their rows say why")),
    (f"{INTERRUPTED}", N_("interrupted (ctrl+c); the last line is the command that goes on")),
    ("128 + n", N_("ended by signal n; likewise")),
)
APP_EXIT_CODES = (
    (f"{OK}", N_("you quit")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input; one line says what is allowed")),
    ("128 + n", N_("ended by signal n")),
)
