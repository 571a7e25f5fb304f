"""What may be shown of one figure that stands by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from matchsvc.reports.hiding import shown_share, shown_steps, shown_times
from matchsvc.reports.suppression import LEAST


@pytest.mark.parametrize(
    ("n", "of", "shown"),
    [
        (0, 0, (0, 0)),  # of nobody: a dash, not 0 %
        (3, 4, (None, None)),
        (5, 9, (None, 9)),  # no rate of fewer than ten
        (4, 20, (None, 20)),
        (16, 20, (None, 20)),
        (0, 20, (0, 20)),
        (20, 20, (20, 20)),
        (8, 20, (8, 20)),
    ],
)
def test_a_share_of_few_or_with_few_left_is_hidden(n, of, shown):
    share = shown_share(n, of, LEAST)
    assert (share.n, share.of) == shown


def test_a_share_of_nobody_has_no_percent():
    assert shown_share(0, 0, LEAST).percent is None


def test_times_of_fewer_than_five_are_hidden_and_none_is_no_time():
    assert shown_times([1, 2, 3, 4], LEAST).n is None
    assert shown_times([], LEAST) == shown_times([], LEAST)
    assert shown_times([], LEAST).quartiles is None
    assert shown_times([9, 1, 5, 3, 7], LEAST).quartiles == (3, 5, 7)


chains = some.lists(some.integers(0, 40), min_size=4, max_size=4).map(
    lambda numbers: sorted(numbers, reverse=True)
)


@given(chains, chains)
def test_two_steps_that_are_shown_never_differ_by_a_few_and_none_is_small(events, people):
    people = [min(one, other) for one, other in zip(people, events, strict=True)]
    steps = dict(zip("abcd", zip(events, people, strict=True), strict=True))
    shown = [(steps[name], n) for name, n in shown_steps(steps, LEAST).items() if n is not None]

    for both, n in shown:
        assert both[0] == n
        assert not any(LEAST.is_small(each) for each in both)
    for ((events_before, people_before), _), ((events_after, people_after), _) in pairwise(shown):
        assert not LEAST.is_small(events_before - events_after)
        assert not LEAST.is_small(people_before - people_after)
