"""Rules: what is done with conversations by itself, and when."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Trigger(StrEnum):
    """What a rule listens to."""

    ARRIVED = "arrived"  # a new conversation
    REPLIED = "replied"  # the customer wrote again
    ASSIGNED = "assigned"
    TAGGED = "tagged"
    FIELD_SET = "field_set"
    STATUS = "status"
    WAITED = "waited"  # the customer has been waiting: the rule says how long
    DUE = "due"  # something promised is due soon: within the rule's minutes
    QUIET = "quiet"  # the customer has not answered our last message: the rule says for how long
    RESOLVED = "resolved"  # it was resolved so long ago, and nobody has opened it again
    CSAT = "csat"  # the customer has said how content they are


TIMED = (
    Trigger.WAITED,
    Trigger.DUE,
    Trigger.QUIET,
    Trigger.RESOLVED,
)  # a rule has its say once for each wait


class Join(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


class Test(StrEnum):
    """How a condition compares. Several values: one of them is enough."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    WORD = "word"  # as a whole word
    BEGINS = "begins"
    ABOVE = "above"
    BELOW = "below"
    KNOWN = "known"
    UNKNOWN = "unknown"

    __test__ = False  # no test of pytest's


@dataclass(frozen=True, slots=True)
class Condition:
    """`fact`: see FACTS; those with a name of their own go on with it: `customer.tier`, `field.order`."""

    fact: str
    test: Test = Test.IS
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions, and groups of them. Of nothing: all and none hold, any does not."""

    join: Join
    parts: tuple["Condition | Group", ...]


class Do(StrEnum):
    """What an action does; `value` says with what."""

    TEAM = "team"
    AGENT = "agent"
    STRATEGY = "strategy"  # among the team's agents, this once
    NEED = "need"  # a skill: billing, or billing:3 for its level
    PRIORITY = "priority"
    TAG = "tag"
    UNTAG = "untag"
    FIELD = "field"  # `name` says which
    LEVEL = "level"  # service level
    STATUS = "status"  # resolved, spam, open
    NOTE = "note"
    REPLY = "reply"  # a saved reply, sent automatically
    NOTIFY = "notify"  # an agent or a team, by id; of no value: whoever has it
    WEBHOOK = "webhook"  # tell the hook with this id that the rule has fired
    STOP = "stop"  # no further rules


@dataclass(frozen=True, slots=True)
class Action:
    do: Do
    value: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    name: str
    on: tuple[Trigger, ...]
    when: Group
    then: tuple[Action, ...]
    minutes: int = 0  # of what is TIMED
    enabled: bool = True
    place: int = 0  # their order
    version: int = 1  # rises with every change: decisions name it
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Customers who have something in common, by a name. `when` asks of customers alone: ABOUT_CUSTOMERS."""

    id: str
    name: str
    when: Group
    created_at: datetime


class Reading(StrEnum):
    """How far the rules are read."""

    FIRST = "first"  # the first that fits
    ALL = "all"  # every one that fits, in their order


# What conditions may ask about, and of what kind it is: text, number, choice.
FACTS: dict[str, str] = {
    "channel": "choice",
    "platform": "choice",
    "surface": "choice",
    "visibility": "choice",
    "language": "choice",
    "words": "text",  # of the subject and the message
    "subject": "text",
    "sender": "text",  # address, handle or name
    "domain": "text",
    "flag": "choice",  # of the message: auto_reply, list, spam …
    "attachment": "choice",  # yes, no
    "spam_score": "number",  # of the message, 0 to 1
    "urgency": "choice",  # of the message: high, normal, low
    "sentiment": "choice",  # of the message: positive, neutral, negative
    "tag": "choice",
    "status": "choice",
    "priority": "choice",
    "team": "choice",
    "agent": "choice",
    "level": "choice",
    "csat": "number",  # 1 to 5, as the customer said last
    "vip": "choice",  # yes, no
    "owner": "choice",  # the agent who looks after the customer
    "company": "text",  # its mail domain; free mail is nobody's
    "customer_tag": "choice",
    "customer_language": "choice",
    "segment": "choice",  # every one the customer is in
    "open_hours": "choice",  # ids of working hours that are at work now
    "waiting": "number",  # minutes
    "free": "number",  # agents of its team who are here and have room
    "load": "number",  # conversations that agents of its team who are here have, on average
}
NAMED_FACTS = ("customer.", "field.")
ABOUT_CUSTOMERS = ("vip", "owner", "company", "customer_tag", "customer_language")  # and "customer.…"
OF_LOAD = ("free", "load")  # which are only looked up where a rule asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """An agent who was considered and passed over. `why`: a code of hub/model/sentences.py."""

    agent: str
    why: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about a conversation, and on what grounds. Kept as long as the conversation."""

    id: str
    conversation: str
    at: datetime
    event: str  # what led to it: a trigger, or "room", "gone", "overflow"
    rules: tuple[str, ...] = ()  # ids with their version: 5f…@3
    because: str
    team: str | None = None
    agent: str | None = None
    passed: tuple[Passed, ...] = ()
    done: tuple[Action, ...] = ()
    corrected_by: str | None = None  # the agent who said that it was wrong
