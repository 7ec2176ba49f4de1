"""The words of the first screen: what each means, for the help page, the tooltips and the manual."""

from quadfit_tui.core.text.language import noted

GLOSSARY: dict[str, str] = {
    noted("epoch"): noted("one pass over all samples"),
    noted("learning rate"): noted("lr: how far each update moves a, b and c against the gradient"),
    noted("limit"): noted("the largest learning rate that still works; above it each epoch lands farther off"),
    noted("fitted"): noted("the parabola of now: training changes its a, b and c until it fits"),
    noted("true"): noted("the parabola that the samples come from"),
    noted("mean loss"): noted("the mean over all samples of (f(x) - y)²: the smaller, the better it fits"),
    noted("sgd"): noted("plain gradient descent: each update is the learning rate times the gradient"),
    noted("batch"): noted("how many samples each update looks at; full: all of them"),
    noted("constant"): noted("the schedule: the learning rate stays as it is; others lower it over the epochs"),
}
