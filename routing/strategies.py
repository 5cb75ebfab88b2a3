"""Who of a team gets a conversation. Pure; equals are told apart by whose turn it is, then by id.

First those who cannot have it now are passed over, each with the reason. Among the others the customer's
owner and who knew them last go before the team's strategy, where the team wants that.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from hub.contract.routing import Candidate, Choice, Wanted
from hub.model.rules import Passed
from hub.model.sentences import sentence
from hub.model.staffing import Prefer, State, Strategy, TeamPlan, weight_of

_STATES = {State.AWAY: "passed_away", State.BREAK: "passed_break", State.OFFLINE: "passed_offline"}


def choose(plan: TeamPlan, candidates: Sequence[Candidate], wanted: Wanted, now: datetime) -> Choice:
    passed: list[Passed] = []
    able: list[Candidate] = []
    for each in sorted(candidates, key=lambda each: each.agent):
        if reason := _why_not(each, wanted, now):
            passed.append(reason)
        else:
            able.append(each)
    if found := next((each for each in able if each.agent == wanted.asked), None):
        return _chosen(found, sentence("chosen_asked"), able, passed, "passed_preferred")
    able, unskilled = _skilled(plan, able, wanted)
    passed += unskilled
    if plan.strategy is Strategy.CLAIM or not able:
        because = "claimed_by_hand" if plan.strategy is Strategy.CLAIM else "nobody_free"
        return Choice(agent=None, because=sentence(because), passed=tuple(passed))
    for prefer in plan.prefer:
        name = wanted.owner if prefer is Prefer.OWNER else wanted.last
        if found := next((each for each in able if each.agent == name), None):
            because = sentence("chosen_owner" if prefer is Prefer.OWNER else "chosen_last")
            return _chosen(found, because, able, passed, "passed_preferred")
    chosen = min(able, key=_order(plan, wanted, able))
    return _chosen(chosen, sentence(f"chosen_{plan.strategy}"), able, passed, f"passed_{plan.strategy}")


def _chosen(
    chosen: Candidate, because: str, able: Sequence[Candidate], passed: Sequence[Passed], others: str
) -> Choice:
    rest = [Passed(agent=each.agent, why=others) for each in able if each is not chosen]
    return Choice(agent=chosen.agent, because=because, passed=(*passed, *rest))


def _why_not(each: Candidate, wanted: Wanted, now: datetime) -> Passed | None:
    state, plan, work = each.workload.state_at(now), each.plan, each.workload
    if state is not State.ONLINE:
        return Passed(agent=each.agent, why=_STATES[state])
    if not each.at_work:
        return Passed(agent=each.agent, why="passed_hours")
    weight = weight_of(wanted.surface) if wanted.weight is None else wanted.weight
    if plan.capacity is not None and work.load + weight > plan.capacity:
        details = {"load": str(work.load), "capacity": str(plan.capacity)}
        return Passed(agent=each.agent, why="passed_full", details=details)
    most = plan.most.get(wanted.surface)
    if most is not None and sum(held.surface == wanted.surface for held in work.held) >= most:
        return Passed(agent=each.agent, why="passed_full_kind", details={"most": str(most)})
    return None


def _skilled(
    plan: TeamPlan, able: Sequence[Candidate], wanted: Wanted
) -> tuple[list[Candidate], list[Passed]]:
    """Those who meet all needs; where nobody does, those who come nearest, unless the team is strict."""
    kept, passed = list(able), []
    for skill, level in sorted(wanted.needs.items()):
        fit = [each for each in kept if each.plan.skills.get(skill, 0) >= level]
        if not fit and not plan.strict:  # somebody who knows a little of it before somebody who knows nothing
            best = max((each.plan.skills.get(skill, 0) for each in kept), default=0)
            fit = [each for each in kept if each.plan.skills.get(skill, 0) == best]
        passed += [
            Passed(agent=each.agent, why="passed_skill", details={"skill": skill})
            for each in kept
            if each not in fit
        ]
        kept = fit
    if plan.languages and wanted.language:
        speak = [each for each in kept if wanted.language in each.plan.languages]
        if speak or plan.strict:
            details = {"language": wanted.language}
            passed += [
                Passed(agent=each.agent, why="passed_language", details=details)
                for each in kept
                if each not in speak
            ]
            kept = speak
    return kept, passed


def _order(
    plan: TeamPlan, wanted: Wanted, able: Sequence[Candidate]
) -> Callable[[Candidate], tuple[float, int, str]]:
    """The smallest gets it."""
    given = sum(each.workload.given.get(plan.id, 0) for each in able)
    shares = sum(max(0, plan.split.get(each.agent, 0)) for each in able)

    def rank(each: Candidate) -> tuple[float, int, str]:
        work = each.workload
        match plan.strategy:
            case Strategy.LEAST_BUSY:
                first = _business(each)
            case Strategy.SKILLED:
                known = sum(each.plan.skills.get(skill, 0) for skill in wanted.needs)
                known += each.plan.languages.get(wanted.language or "", 0)
                first = -known * 1_000 + _business(each)
            case Strategy.SPLIT if shares:
                share = max(0, plan.split.get(each.agent, 0)) / shares
                first = work.given.get(plan.id, 0) - share * (given + 1)
                first = first if share else float("inf")
            case _:
                first = 0.0
        return (first, work.turn, each.agent)

    return rank


def _business(each: Candidate) -> float:
    """How much of what they can have they have; without a limit, what they have."""
    return each.workload.load / each.plan.capacity if each.plan.capacity else float(each.workload.load)
