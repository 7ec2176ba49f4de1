"""Jobs of a lesson: in order, one at a time, and nobody is told of those that were given up."""

from quadfit_tui.ui.lessons.fact_worker import FactWorker


class Runner:
    """Keeps jobs until it is told to do them."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job, done):
        self.jobs.append((job, done))

    def work(self):
        job, done = self.jobs.pop(0)
        done(job())


def test_jobs_are_done_one_at_a_time_in_order_but_for_what_is_to_be_soon():
    runner, told = Runner(), []
    worker = FactWorker(runner)
    for name in "abc":
        worker.do(lambda name=name: name, told.append)
    worker.do(lambda: "soon", told.append, soon=True)
    assert len(runner.jobs) == 1
    while runner.jobs:
        runner.work()
        assert len(runner.jobs) <= 1
    assert told == ["a", "soon", "b", "c"]


def test_of_what_was_given_up_nobody_hears_and_new_jobs_are_done():
    runner, told = Runner(), []
    worker = FactWorker(runner)
    worker.do(lambda: "old", told.append)
    worker.do(lambda: "waits", told.append)
    worker.stop()
    assert len(runner.jobs) == 2  # the second one has the first one given up
    worker.do(lambda: "new", told.append)
    while runner.jobs:
        runner.work()
    assert told == ["new"]
