"""The budget of one process, on a clock that the test moves."""

from dataclasses import dataclass

from wiredesk.fetch import LocalBudget, Wait


@dataclass
class Clock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_next_start_is_a_gap_after_the_last_and_not_after_its_end() -> None:
    budget = LocalBudget(2, 5.0, now=(clock := Clock()))
    first = budget.try_start("paper.example")
    assert isinstance(first, str)
    clock.now_s += 3
    budget.finish("paper.example", first)
    assert budget.try_start("paper.example") == Wait(2.0, is_paused=False)
    clock.now_s += 2
    assert isinstance(budget.try_start("paper.example"), str)


def test_third_start_waits_until_a_permit_is_given_back() -> None:
    budget = LocalBudget(2, 0.0, now=Clock())
    permits = [budget.try_start("paper.example") for _ in range(3)]
    assert isinstance(permits[2], Wait)
    assert not permits[2].is_paused
    assert isinstance(permits[0], str)
    budget.finish("paper.example", permits[0])
    assert isinstance(budget.try_start("paper.example"), str)


def test_permit_given_back_twice_or_never_taken_counts_once() -> None:
    budget = LocalBudget(1, 0.0, now=Clock())
    permit = budget.try_start("paper.example")
    assert isinstance(permit, str)
    budget.finish("paper.example", permit)
    taken = budget.try_start("paper.example")
    budget.finish("paper.example", permit)
    budget.finish("nobody.example", "1")
    assert isinstance(taken, str)
    assert isinstance(budget.try_start("paper.example"), Wait)


def test_pause_ends_by_itself_and_a_shorter_one_does_not_cut_it() -> None:
    budget = LocalBudget(2, 0.0, now=(clock := Clock()))
    budget.pause("paper.example", 60)
    budget.pause("paper.example", 10)
    clock.now_s += 59
    assert budget.try_start("paper.example") == Wait(1.0, is_paused=True)
    clock.now_s += 1
    assert isinstance(budget.try_start("paper.example"), str)


def test_hosts_have_nothing_to_do_with_each_other() -> None:
    budget = LocalBudget(1, 60.0, now=Clock())
    assert isinstance(budget.try_start("paper.example"), str)
    assert isinstance(budget.try_start("tides.example"), str)
