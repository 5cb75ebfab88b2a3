"""Who gets a conversation: fairly, never more than they can have, and everybody else with a reason."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.contract.routing import Candidate, Wanted
from hub.model.sentences import REASONS
from hub.model.staffing import AgentPlan, Held, Prefer, State, Strategy, TeamPlan, Workload, weight_of
from routing.strategies import choose

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
THERE = NOW + timedelta(minutes=1)
MAIL = Wanted(surface="email")


def agent(name: str, *, load: int = 0, state: State = State.ONLINE, **plan: Any) -> Candidate:
    work = Workload(id=name, state=state, until=THERE, load=load)
    return Candidate(agent=name, name=name.title(), plan=AgentPlan(id=name, **plan), workload=work)


def given_to(candidates: list[Candidate], name: str, turn: int, team: str, surface: str) -> list[Candidate]:
    """As the store has it afterwards."""

    def after(each: Candidate) -> Candidate:
        if each.agent != name:
            return each
        work = each.workload
        held = (*work.held, Held(conversation=str(turn), weight=weight_of(surface), surface=surface))
        counts = {**work.given, team: work.given.get(team, 0) + 1}
        load = work.load + weight_of(surface)
        return replace(each, workload=replace(work, load=load, turn=turn, held=held, given=counts))

    return [after(each) for each in candidates]


@settings(max_examples=30)
@given(
    st.integers(1, 8),
    st.integers(0, 40),
    st.sampled_from([Strategy.ROUND_ROBIN, Strategy.LEAST_BUSY, Strategy.SKILLED]),
)
def test_nobody_gets_more_than_one_more_than_others(people: int, count: int, strategy: Strategy) -> None:
    plan = TeamPlan(id="team", strategy=strategy)
    team = [agent(f"a{each}") for each in range(people)]
    got: Counter[str] = Counter()
    for turn in range(1, count + 1):
        choice = choose(plan, team, MAIL, NOW)
        assert choice.agent is not None
        assert {each.agent for each in choice.passed} == {each.agent for each in team} - {choice.agent}
        got[choice.agent] += 1
        team = given_to(team, choice.agent, turn, "team", "email")
    counts = [got[each.agent] for each in team]
    assert max(counts) - min(counts) <= 1


@settings(max_examples=30)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=5).filter(any), st.integers(1, 120))
def test_a_split_by_percentage_keeps_to_its_shares(shares: list[int], count: int) -> None:
    names = [f"a{each}" for each in range(len(shares))]
    plan = TeamPlan(id="team", strategy=Strategy.SPLIT, split=dict(zip(names, shares, strict=True)))
    team = [agent(each) for each in names]
    for turn in range(1, count + 1):
        choice = choose(plan, team, MAIL, NOW)
        assert choice.agent is not None
        team = given_to(team, choice.agent, turn, "team", "email")
    for each, share in zip(team, shares, strict=True):
        got = each.workload.given.get("team", 0)
        assert abs(got - count * share / sum(shares)) <= 2
        assert share or not got


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(State)), st.integers(0, 6), st.none() | st.integers(0, 6), st.booleans()
        ),
        max_size=6,
    ),
    st.sampled_from(list(Strategy)),
    st.sampled_from(["email", "direct"]),
)
def test_nobody_away_off_shift_or_full_is_ever_chosen_and_each_has_a_reason(
    people: list[tuple[State, int, int | None, bool]], strategy: Strategy, surface: str
) -> None:
    team = [
        replace(agent(f"a{place}", load=load, state=state, capacity=most), at_work=at_work)
        for place, (state, load, most, at_work) in enumerate(people)
    ]
    plan = TeamPlan(id="team", strategy=strategy, split={each.agent: 10 for each in team})
    choice = choose(plan, team, Wanted(surface=surface), NOW)
    able = [
        f"a{place}"
        for place, (state, load, most, at_work) in enumerate(people)
        if state is State.ONLINE and at_work and (most is None or load + weight_of(surface) <= most)
    ]
    assert choice.agent in able or (choice.agent is None and (not able or strategy is Strategy.CLAIM))
    assert all(each.why in REASONS for each in choice.passed)
    assert {each.agent for each in choice.passed} >= {each.agent for each in team} - set(able)


def test_silence_is_offline_whatever_was_chosen() -> None:
    gone = agent("ana")
    gone = replace(gone, workload=replace(gone.workload, until=NOW))
    choice = choose(TeamPlan(id="t", strategy=Strategy.ROUND_ROBIN), [gone], MAIL, NOW)
    assert [(each.agent, each.why) for each in choice.passed] == [("ana", "passed_offline")]


def test_a_limit_for_one_kind_leaves_room_for_others() -> None:
    busy = agent("ana", capacity=10, most={"direct": 1})
    held = (Held(conversation="c", weight=2, surface="direct"),)
    busy = replace(busy, workload=replace(busy.workload, load=2, held=held))
    plan = TeamPlan(id="t", strategy=Strategy.LEAST_BUSY)
    assert choose(plan, [busy], Wanted(surface="direct"), NOW).passed[0].why == "passed_full_kind"
    assert choose(plan, [busy], MAIL, NOW).agent == "ana"


def test_skills_fall_back_to_who_comes_nearest_unless_the_team_is_strict() -> None:
    team = [agent("ana", skills={"billing": 2}), agent("ben", skills={"billing": 4}), agent("cem")]
    plan = TeamPlan(id="t", strategy=Strategy.SKILLED)
    wanted = Wanted(surface="email", needs={"billing": 3})
    assert choose(plan, team, wanted, NOW).agent == "ben"
    assert choose(plan, [team[0], team[2]], wanted, NOW).agent == "ana"
    assert choose(plan, [team[2]], wanted, NOW).agent == "cem"
    assert choose(replace(plan, strict=True), [team[0], team[2]], wanted, NOW).agent is None


def test_languages_go_to_those_who_speak_them_as_long_as_somebody_does() -> None:
    team = [agent("ana", languages={"de": 5}), agent("ben", languages={"en": 5})]
    plan = TeamPlan(id="t", strategy=Strategy.LEAST_BUSY, languages=True)
    german = Wanted(surface="email", language="de")
    assert choose(plan, team, german, NOW).agent == "ana"
    assert choose(plan, team[1:], german, NOW).agent == "ben"
    assert choose(replace(plan, strict=True), team[1:], german, NOW).agent is None


@pytest.mark.parametrize(
    ("prefer", "chosen"), [((Prefer.OWNER, Prefer.LAST), "ana"), ((Prefer.LAST,), "ben")]
)
def test_who_knows_the_customer_goes_first_if_they_can(prefer: tuple[Prefer, ...], chosen: str) -> None:
    team = [agent("ana", load=5), agent("ben", load=5), agent("cem")]
    plan = TeamPlan(id="t", strategy=Strategy.LEAST_BUSY, prefer=prefer)
    wanted = Wanted(surface="email", owner="ana", last="ben")
    assert choose(plan, team, wanted, NOW).agent == chosen
    away = [agent(each.agent, state=State.AWAY) if each.agent == chosen else each for each in team[:2]]
    assert choose(plan, away, wanted, NOW).agent not in (None, chosen)
    assert choose(plan, team, replace(wanted, asked="cem"), NOW).agent == "cem"  # a rule says so
