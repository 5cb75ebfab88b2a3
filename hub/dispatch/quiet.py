"""Rules about what time alone makes true: the customer has been quiet, or it is resolved, for so long.

For each rule it is looked for what has come of age since the last look. Who looks first, or after a while,
goes back by a day: what a rule did is known by its decisions, and a new one leaves alone what is old.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.dispatch.office import Dispatch, Office
from hub.dispatch.ruling import finish, happened
from hub.model.inbox import Awaiting, Conversation, Side
from hub.model.rules import Rule, Trigger

BACK = timedelta(days=1)
OVERLAP = timedelta(seconds=30)  # clocks differ, and writes take their time
AT_ONCE = 200


@dataclass(slots=True)
class QuietLook:
    """`looked`: up to which moment it was looked for what a rule wants."""

    dispatch: Dispatch
    looked: dict[tuple[str, int, Trigger], datetime] = field(default_factory=dict)

    async def look(self, office: Office) -> None:
        wanted: dict[tuple[str, int, Trigger], datetime] = {}
        for rule in office.rules:
            for trigger in (Trigger.QUIET, Trigger.RESOLVED):
                if rule.enabled and trigger in rule.on:
                    key = (rule.id, rule.version, trigger)
                    wanted[key] = await self._of_age(rule, trigger, self.looked.get(key))
        self.looked = wanted

    async def _of_age(self, rule: Rule, trigger: Trigger, looked: datetime | None) -> datetime:
        """Returns up to which moment everything was looked at."""
        now = self.dispatch.clock()
        until = now - timedelta(minutes=rule.minutes)
        since = max(looked - OVERLAP if looked else until - BACK, until - BACK)
        found = await self._found(trigger, since, until)
        for each in found:
            began = _began(each, trigger)
            if began is not None:
                minutes = (now - began).total_seconds() / 60
                following = await happened(self.dispatch, each, trigger, minutes=minutes)
                await finish(self.dispatch, following, str(trigger))
        if len(found) < AT_ONCE:
            return until
        first, last = _moment(found[0], trigger), _moment(found[-1], trigger)
        step = timedelta(milliseconds=1) if last > first else timedelta()  # those of the same moment again
        return last + OVERLAP - step

    async def _found(self, trigger: Trigger, since: datetime, until: datetime) -> Sequence[Conversation]:
        lapsed = self.dispatch.store.lapsed
        read = lapsed.quiet if trigger is Trigger.QUIET else lapsed.resolved
        return await read(since, until, AT_ONCE)


def _moment(conversation: Conversation, trigger: Trigger) -> datetime:
    if trigger is Trigger.QUIET or conversation.resolved_at is None:
        return conversation.activity_at
    return conversation.resolved_at


def _began(conversation: Conversation, trigger: Trigger) -> datetime | None:
    """When what the rule waits for began. None: it is not so."""
    if trigger is Trigger.RESOLVED:
        return conversation.resolved_at
    theirs = conversation.awaiting is Awaiting.CUSTOMER and conversation.last.side is Side.US
    return conversation.last.at if theirs else None
