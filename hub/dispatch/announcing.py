"""Whom rules want told, and which hooks: as events, which the bell and the webhooks follow. Pure."""

from collections.abc import Iterator
from datetime import datetime

from hub.contract.routing import Verdict
from hub.dispatch.deciding import BY
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Conversation
from hub.model.rules import Do


def announcements(
    verdict: Verdict, conversation: Conversation, decision: str, trigger: str, now: datetime
) -> Iterator[Event]:
    """One for each rule and whom it names. Done again for the same decision, they are the same."""
    for rule in verdict.rules:
        for action in rule.then:
            if action.do not in (Do.NOTIFY, Do.WEBHOOK):
                continue
            named = {"rule": rule.id, "name": rule.name, "version": str(rule.version), "on": trigger}
            told = action.do is Do.NOTIFY
            to = {"to": action.value} if told else {"hook": action.value}
            yield Event(
                id=derived_id("announced", decision, rule.id, action.do, action.value),
                kind="rule_told" if told else "rule_fired",
                at=now,
                conversation=conversation.id,
                by=BY,
                details={**named, **to},
            )
