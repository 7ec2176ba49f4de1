"""Numbers in a lesson's text that nothing compares with training, and numbers that a translation has changed."""

from tables import table

from quadfit_tui.teaching.judging.slips import slips, translation_slips

HEAD = '+++\nformat = 1\nid = "made"\ntitle = "T"\n[runs.ours]\nsamples = 80\nepochs = 1000\n+++\n'
STEP = "## A {{#a .say run=ours}}\n{text}"


@table(
    ("text", "numbers"),
    [
        ("It stops after 45.6 m, at 81.", ["45.6", "81"]),
        ("It takes 1406 epochs, and 1406, that is 1,406 again.", ["1,406", "1406"]),
        ("到第1406轮为止。", ["1406"]),
        ("1e-05 is left, that is -0.7.", ["-0.7"]),
        ("It takes `1406` epochs of 1000, at x² and lr2, of 80 samples.", []),
    ],
)
def test_number_without_link_or_backticks_warns(make_lesson, text, numbers):
    """Numbers that a run of the lesson is set to are true: tol 1e-05, 1000 epochs, 80 samples."""
    said = "nothing computes {0}; write [{0}](=expression), or `{0}` if it is given"
    lesson = make_lesson(STEP.format(text=text), head=HEAD)
    assert slips(lesson) == [(11, said.format(number)) for number in numbers]


def test_translation_with_other_numbers_warns(make_lesson):
    original = make_lesson(STEP.format(text="Fewer than `900` of [1000](=ours.epochs)."), head=HEAD)
    translation = make_lesson(STEP.format(text="[1000](=ours.epochs) 轮里，不到 `800` 轮。"), head=HEAD)
    (fault,) = translation_slips(translation, original)
    problem = f"a text has the numbers 800, and that in line 10 of {original.file_name} has 900"
    assert fault == (10, problem)
    assert translation_slips(original, original) == []
