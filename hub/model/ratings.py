"""How content customers say they are: the question once a conversation is resolved, and the answer."""

from dataclasses import dataclass, field
from datetime import datetime

THE_ONE = "csat"
BY = "csat"  # who a question is written by
SCORES = (5, 4, 3, 2, 1)
FEEDBACK = "feedback"  # the purpose of a consent: who takes it back is not asked any more


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingPlan:
    """Whether, when and how customers are asked; there is one."""

    id: str = THE_ONE
    enabled: bool = False
    since: datetime | None = None  # what was resolved before it was switched on is not asked about
    channels: tuple[str, ...] = ()  # only there; none: on every channel
    delay_minutes: int = 60  # after it was resolved
    rest_days: int = 30  # nobody is asked again before
    open_days: int = 14  # so long it can be answered and corrected
    questions: dict[str, str] = field(default_factory=dict)  # by language; else the ones that come with us


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One question to one customer, and what they answered."""

    id: str  # of the conversation and the moment it was resolved: asked once
    conversation: str
    customer: str  # as the conversation was opened by
    identity: str  # who was asked
    channel: str
    platform: str
    place: str  # id of the thread it was asked in
    entry: str  # the message that asks
    language: str
    question: str
    agent: str | None = None  # who had it when it was resolved
    team: str | None = None
    asked_at: datetime
    until: datetime  # it can be answered and corrected until then
    sent: bool = False  # the question is on its way
    state: str = "asked"  # answered
    score: int | None = None  # 1 to 5
    comment: str = ""
    answered_at: datetime | None = None  # the last time
    changes: int = 0  # how often
