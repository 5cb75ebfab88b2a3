"""Tries rules on conversations of the past: who would have got them, and when. Pure, with a clock of its own.

Everybody is there in their hours, begins with nothing, and takes as long for a conversation as it truly took
from the moment somebody had it. What nobody hands out stays with whoever took it, if it comes to the same
team. Rules are asked when a conversation arrives; what they say later, by replies or as time passes, is left
out, and so is a team that helps out. Where no rule promises anything, what was promised stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count

from hub.contract.rehearsal import Course, Past, Rehearsed, Staff, Trial
from hub.contract.routing import Candidate, Case, Choice, Wanted
from hub.model.inbox import Priority, Status
from hub.model.rules import Action, Do, Rule, Trigger
from hub.model.sentences import sentence
from hub.model.staffing import Held, Prefer, State, Strategy, TeamPlan, Workload
from routing.hours import at_work, next_at_work
from routing.measuring import freed_at, measures
from routing.rules import judge
from routing.strategies import choose

LOOKED_AT = 200  # at the head of a queue, whenever there is room
URGENCY = {each: place for place, each in enumerate(Priority)}
NEVER_OFF = datetime.max.replace(tzinfo=UTC)


def rehearse(trial: Trial) -> Rehearsed:
    stage = _Stage(trial)
    for each in sorted(trial.past, key=lambda each: (each.arrived, each.id)):
        stage.expect(each.arrived, each)
    stage.play()
    truly = {each.id: each.truly for each in trial.past}
    return Rehearsed(
        courses=stage.courses, tried=measures(trial, stage.courses), truly=measures(trial, truly)
    )


@dataclass(slots=True)
class _Waiting:
    """In the queue of a team, or asked for by a rule."""

    past: Past
    plan: TeamPlan
    wanted: Wanted
    urgency: int = URGENCY[Priority.NORMAL]


@dataclass(slots=True)
class _Stage:
    trial: Trial
    courses: dict[str, Course] = field(default_factory=dict)
    works: dict[str, Workload] = field(default_factory=dict)
    queues: dict[str, list[_Waiting]] = field(default_factory=dict)
    lasts: dict[str, str] = field(default_factory=dict)  # person: who had their last one
    due: list[tuple[datetime, int, Past | str | None]] = field(default_factory=list)
    woken: set[tuple[str, datetime]] = field(default_factory=set)
    numbers: "count[int]" = field(default_factory=count)

    def expect(self, moment: datetime, what: Past | str | None) -> None:
        """A conversation arrives; that of this id is resolved; None: somebody comes to work."""
        heappush(self.due, (moment, next(self.numbers), what))

    def play(self) -> None:
        while self.due and self.due[0][0] <= self.trial.ends:
            now, _, what = heappop(self.due)
            if isinstance(what, Past):
                self._arrive(what, now)
            elif what is not None:
                self._let_go(what)
            for team in [each for each, queue in self.queues.items() if queue]:
                self._drain(team, now)

    def _arrive(self, past: Past, now: datetime) -> None:
        actions, course = self._judged(past, now)
        self.courses[past.id] = course
        if course.away:
            return
        plan = self._plan_of(course.team)
        waiting = _waiting(past, plan, actions, course.asked, self.lasts.get(past.person))
        if course.asked and self._handed(waiting, course, now):
            return
        if course.team and (waiting.plan.strategy is not Strategy.CLAIM or course.asked):
            self.courses[past.id] = replace(course, queued=True)
            self.queues.setdefault(course.team, []).append(waiting)
            self.queues[course.team].sort(key=lambda each: (each.urgency, each.past.arrived, each.past.id))
        elif past.truly.agent and past.truly.team == course.team and past.truly.given_at:
            taken = replace(course, agent=past.truly.agent, given_at=past.truly.given_at)
            self._give(past, taken, course.team or "", now)
        else:
            said = course.because or sentence("claimed_by_hand")
            self.courses[past.id] = replace(course, because=said)

    def _judged(self, past: Past, now: datetime) -> tuple[list[Action], Course]:
        """As a conversation that arrives is judged: rules, then its channel, then who writes."""
        facts = dict(past.facts)
        if past.home:
            facts |= self.trial.crowded(self._candidates(self._plan_of(past.home), now), now)
        verdict = judge(self.trial.rules, self.trial.reading, Case(trigger=Trigger.ARRIVED, facts=facts))
        actions = list(verdict.actions)
        names = tuple(each.name for each in verdict.rules)
        quoted = ", ".join(f"“{each}”" for each in names)
        because = sentence("rules_say", rules=quoted) if names else ""
        said = {each.do: each.value for each in actions}
        if past.home and Do.TEAM not in said:
            because = because or sentence("channel_team", channel=past.channel)
        if past.blocked:
            return [], Course(away=True, because=sentence("customer_blocked"))
        team = said.get(Do.TEAM) or past.home
        if past.vip and Do.PRIORITY not in said and self._plan_of(team).vip_first:
            actions.append(Action(Do.PRIORITY, str(Priority.HIGH)))
        away = said.get(Do.STATUS, str(Status.OPEN)) != Status.OPEN
        course = Course(
            team=team,
            away=away,
            level=said.get(Do.LEVEL) or None if _promises(self.trial.rules) else past.truly.level,
            because=because,
            rules=names,
            asked=said.get(Do.AGENT),
        )
        return actions, course

    def _handed(self, waiting: _Waiting, course: Course, now: datetime) -> bool:
        """To the agent a rule asks for, who is not of its team."""
        staff = next((each for each in self.trial.staff if each.agent == course.asked), None)
        if staff is None or (course.team in staff.teams):
            return False
        plan = TeamPlan(id=course.team or "")
        choice = choose(plan, [self._candidate(staff, plan, now)], waiting.wanted, now)
        if choice.agent:
            self._settle(waiting, choice, now, plan.id)
        return choice.agent is not None

    def _drain(self, team: str, now: datetime) -> None:
        plan, queue = self._plan_of(team), self.queues[team]
        candidates = self._candidates(plan, now)
        for each in queue[:LOOKED_AT]:
            if not any(_has_room(one) for one in candidates):
                break
            choice = choose(each.plan, candidates, each.wanted, now)
            if choice.agent:
                queue.remove(each)
                self._settle(each, choice, now, team)
                candidates = self._candidates(plan, now)
        if queue:
            self._wake(plan, now)

    def _settle(self, waiting: _Waiting, choice: Choice, now: datetime, team: str) -> None:
        course = self.courses[waiting.past.id]
        because = "\n".join(each for each in (course.because, choice.because) if each)
        given = replace(course, agent=choice.agent, given_at=now, because=because)
        self._give(waiting.past, given, team, now)

    def _give(self, past: Past, course: Course, team: str, now: datetime) -> None:
        agent = course.agent or ""
        work = self.works.get(agent) or _fresh(agent)
        held = Held(conversation=past.id, weight=past.weight, surface=past.surface)
        self.works[agent] = replace(
            work,
            load=work.load + past.weight,
            held=(*work.held, held),
            turn=next(self.numbers),
            given={**work.given, team: work.given.get(team, 0) + 1},
        )
        self.courses[past.id] = course
        self.lasts[past.person] = agent
        if ends := freed_at(past, course):
            self.expect(max(ends, now), past.id)

    def _let_go(self, conversation: str) -> None:
        agent = self.courses[conversation].agent or ""
        work = self.works[agent]
        held = tuple(each for each in work.held if each.conversation != conversation)
        self.works[agent] = replace(work, held=held, load=sum(each.weight for each in held))

    def _wake(self, plan: TeamPlan, now: datetime) -> None:
        """Look again when somebody of the team comes to work."""
        for each in self._members(plan):
            named = each.plan.hours or plan.hours or ""
            hours = self.trial.hours.get(named)
            if hours is None or at_work(hours, now):
                continue
            begins = next_at_work(hours, now)
            if begins is not None and (named, begins) not in self.woken:
                self.woken.add((named, begins))
                self.expect(begins, None)

    def _plan_of(self, team: str | None) -> TeamPlan:
        return self.trial.plans.get(team or "") or TeamPlan(id=team or "")

    def _members(self, plan: TeamPlan) -> list[Staff]:
        return [each for each in self.trial.staff if plan.id in each.teams]

    def _candidates(self, plan: TeamPlan, now: datetime) -> list[Candidate]:
        return [self._candidate(each, plan, now) for each in self._members(plan)]

    def _candidate(self, staff: Staff, plan: TeamPlan, now: datetime) -> Candidate:
        hours = self.trial.hours.get(staff.plan.hours or plan.hours or "")
        return Candidate(
            agent=staff.agent,
            name=staff.name,
            plan=staff.plan,
            workload=self.works.get(staff.agent) or _fresh(staff.agent),
            at_work=at_work(hours, now),
        )


def _promises(rules: Sequence[Rule]) -> bool:
    return any(
        each.enabled and Trigger.ARRIVED in each.on and any(action.do is Do.LEVEL for action in each.then)
        for each in rules
    )


def _fresh(agent: str) -> Workload:
    return Workload(id=agent, state=State.ONLINE, until=NEVER_OFF)


def _has_room(each: Candidate) -> bool:
    return each.at_work and (each.plan.capacity is None or each.workload.load < each.plan.capacity)


def _waiting(
    past: Past, plan: TeamPlan, actions: Sequence[Action], asked: str | None, last: str | None
) -> _Waiting:
    said: Mapping[Do, str] = {each.do: each.value for each in actions}
    skills = [each.value.partition(":") for each in actions if each.do is Do.NEED]
    wanted = Wanted(
        surface=past.surface,
        weight=past.weight,
        needs={skill: int(level or 1) for skill, _, level in skills},
        language=past.language,
        asked=asked,
        owner=past.owner if Prefer.OWNER in plan.prefer else None,
        last=last if Prefer.LAST in plan.prefer else None,
    )
    if Do.STRATEGY in said:
        plan = replace(plan, strategy=Strategy(said[Do.STRATEGY]))
    urgency = URGENCY[Priority(said.get(Do.PRIORITY, Priority.NORMAL))]
    return _Waiting(past=past, plan=plan, wanted=wanted, urgency=urgency)
