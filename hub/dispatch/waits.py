"""Why a conversation waits in the queue: kept with everybody who was considered, whenever that changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.contract.routing import Candidate, Choice, Wanted
from hub.dispatch.deciding import BY, PASSED_MOST
from hub.dispatch.line import AT_ONCE, Place, page_of
from hub.dispatch.office import Dispatch
from hub.dispatch.saying import write_fact
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, Wish
from hub.model.rules import Decision, Passed
from hub.model.sentences import sentence
from hub.model.staffing import Strategy, TeamPlan
from hub.realtime import publish

WAITS = "waits"
APART = timedelta(minutes=1)  # between two about the same conversation: agents come and go
REMEMBERED = 20_000


async def nobody_free(
    dispatch: Dispatch, plan: TeamPlan, candidates: Sequence[Candidate], event: str
) -> None:
    """There is no room at all: why, for the head of the queue; what is behind waits for those before it.

    As time passes, only if somebody is otherwise than at the last look.
    """
    memo = dispatch.waits
    now = dispatch.clock()
    team = f"team {plan.id}"
    how = "\n".join(f"{each.agent} {each.workload.state_at(now)} {each.at_work}" for each in candidates)
    if event == "time" and memo.get(team, ("", now))[0] == how:
        return
    said = True
    for each in (await page_of(dispatch, plan, Place())).rows[:AT_ONCE]:
        wish = each.wish or Wish()
        asked = TeamPlan(id=plan.id, strategy=Strategy(wish.strategy)) if wish.strategy else plan
        wanted = Wanted(surface=each.surface, needs=wish.needs, language=each.language, asked=wish.agent)
        choice = dispatch.router.choose(asked, candidates, wanted, now)
        said &= choice.agent is not None or await say_why(dispatch, asked, each, choice)
    if said:
        memo[team] = (how, now)


async def say_why(dispatch: Dispatch, plan: TeamPlan, conversation: Conversation, choice: Choice) -> bool:
    """False: something else was written down a moment ago; ask again."""
    if plan.strategy is Strategy.CLAIM and not (conversation.wish and conversation.wish.agent):
        return True
    memo, now = dispatch.waits, dispatch.clock()
    reasons = _reasons(choice.passed)
    if len(memo) > REMEMBERED:
        memo.clear()
    known = memo.get(conversation.id) or await _last(dispatch, conversation)
    if known is not None and known[0] == reasons:
        memo[conversation.id] = known
        return True
    if known is not None and now - known[1] < APART:
        return False
    memo[conversation.id] = (reasons, now)
    await _record(dispatch, conversation, choice, reasons)
    return True


async def _last(dispatch: Dispatch, conversation: Conversation) -> tuple[str, datetime] | None:
    decisions = await dispatch.store.rules.decisions_of(conversation.id)
    last = decisions[-1] if decisions else None
    if last is None or last.event != WAITS:
        return None
    return _reasons(last.passed), last.at


async def _record(dispatch: Dispatch, conversation: Conversation, choice: Choice, reasons: str) -> None:
    now = dispatch.clock()
    decision = Decision(
        id=derived_id(WAITS, conversation.id, reasons, now.isoformat(timespec="minutes")),
        conversation=conversation.id,
        at=now,
        event=WAITS,
        because=choice.because,
        passed=choice.passed,
    )
    await dispatch.store.rules.add_decisions([decision])
    told = [f"{each.agent}\t{sentence(each.why, **each.details)}" for each in choice.passed[:PASSED_MOST]]
    fact = Activity(
        id=derived_id(WAITS, decision.id),
        conversation=conversation.id,
        at=now,
        kind=WAITS,
        by=BY,
        because=choice.because,
        details={"passed": "\n".join(told), "decision": decision.id},
    )
    await publish(dispatch.store, [await write_fact(dispatch, fact)])


def _reasons(passed: Sequence[Passed]) -> str:
    """How full somebody is does not matter, only that they are."""
    return "\n".join(sorted(f"{each.agent} {each.why}" for each in passed))
