"""A small run of the seeded mutator; all of it is `make bench ARGS=mutations`."""

from bench.mutations import MAX_GROWTH_MIB, check


def test_touched_lines_hide_no_other_and_every_line_is_accounted_for():
    n_touched, n_wrong, growth_mib = check(n_rounds=2, n_lines=6_000)
    assert n_touched == 600
    assert n_wrong == 0
    assert growth_mib < MAX_GROWTH_MIB
