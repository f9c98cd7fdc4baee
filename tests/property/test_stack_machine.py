"""The whole stack keeps the four promises, whatever happens: random households, persons, faults, deaths."""

import asyncio

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.property.stack_life import begin, live
from tests.property.stack_steps import WEIGHTS, Step, draw_steps

SEEDS = 60
PARTS = 12
NUMBERS = st.integers(0, 63)
PERSONS = ["contend", "watch", "unwatch", "finish", "abandon", "start", "stop", "mark_show", "unmark_show", "mark"]
RUNS = ["sync", "sync_full", "export", "import", "one", "hint", "killed", "two", "restart"]
OTHERS = sorted(set(WEIGHTS) - set(PERSONS) - set(RUNS) - {"quiet", "backup"})


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_random_life_keeps_the_promises(part):
    for seed in range(part, SEEDS, PARTS):
        live(seed, draw_steps(seed))


class StackMachine(RuleBasedStateMachine):
    """The same steps, chosen by Hypothesis, which makes a life that fails as short as it can."""

    part = 0

    @initialize(seed=st.integers(0, 9_999))
    def begins(self, seed):
        self.runner = asyncio.Runner()
        self.folder = begin(10_000 * (1 + self.part) + seed)
        self.life = self.folder.__enter__()
        self.runner.run(self.life.meet())

    def _does(self, what, numbers):
        self.runner.run(self.life.does(Step(what, *numbers)))

    @rule(what=st.sampled_from(PERSONS), numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS))
    def a_person_acts(self, what, numbers):
        self._does(what, numbers)

    @rule(what=st.sampled_from(RUNS), numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS))
    def watchstate_runs(self, what, numbers):
        self._does(what, numbers)

    @rule(what=st.sampled_from(OTHERS), numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS))
    def something_happens(self, what, numbers):
        self._does(what, numbers)

    @rule(what=st.sampled_from(["quiet", "quiet", "backup"]))
    def it_is_quiet(self, what):
        self._does(what, (0, 0, 0))

    def teardown(self):
        if not hasattr(self, "life"):
            return
        try:
            self.runner.run(self.life.quiet())
        finally:
            self.runner.run(self.life.close())
            self.folder.__exit__(None, None, None)
            self.runner.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(4))
def test_a_life_that_hypothesis_chooses_keeps_the_promises(part):
    run_state_machine_as_test(
        type(f"StackMachine{part}", (StackMachine,), {"part": part}),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
