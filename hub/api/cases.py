"""Where an answer can go, and which conversations may be one matter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from hub.api import shapes, shaping
from hub.api.bodies import Body, Nothing
from hub.api.deeds import ONE, as_it_is
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.desk import offers
from hub.desk.changing import Done
from hub.desk.opening import open_conversation


class Refused(shapes.Shape):
    reason: str
    detail: str = Field(description="In English.")


class Place(shapes.Shape):
    """One of our channels with one address of the customer's."""

    id: str = Field(description="What `through` of a reply takes.")
    channel: str
    platform: str
    surface: str
    visibility: str
    address: str
    current: bool = Field(description="Where an answer goes that chooses nothing.")
    refused: Refused | None = Field(description="Why nothing can be sent there; null: it can.")


class Places(shapes.Shape):
    """The current one first, then those that can be used."""

    rows: list[Place]


class Offer(shapes.Shape):
    """Another open conversation of the customer's that may be the same matter."""

    id: str
    other: shapes.Conversation
    began: bool = Field(description="Whether this one began later than the other.")
    score: int = Field(description="How likely it is, of 100.")
    reasons: list[str]
    at: datetime


class Offers(shapes.Shape):
    """The likeliest first; none that somebody has decided."""

    rows: list[Offer]


class Decide(Body):
    verdict: Literal["join", "apart"] = Field(description="`apart` is for good.")


async def list_places(call: Call, asked: Nothing) -> Places:
    opened = await open_conversation(call.desk, call.agent, call.path["conversation"])
    rows = [
        Place(
            id=each.id,
            channel=each.channel.id,
            platform=each.channel.platform,
            surface=each.surface,
            visibility=each.visibility,
            address=each.address,
            current=each.current,
            refused=Refused(reason=each.why_not.code, detail=str(each.why_not)) if each.why_not else None,
        )
        for each in opened.places
    ]
    return Places(rows=rows)


async def list_offers(call: Call, asked: Nothing) -> Offers:
    found = await offers.list_offers(call.desk, call.agent, call.path["conversation"])
    rows = [
        Offer(
            id=each.offer.id,
            other=shaping.conversation(each.other),
            began=each.began,
            score=each.offer.score,
            reasons=list(each.offer.reasons),
            at=each.offer.at,
        )
        for each in found
    ]
    return Offers(rows=rows)


async def decide(call: Call, asked: Decide) -> shapes.ChangedConversation:
    deed = offers.accept_offer if asked.verdict == "join" else offers.refuse_offer
    return await as_it_is(call, await deed(call.desk, call.agent, call.path["offer"]))


async def set_apart(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    conversation, entry = call.path["conversation"], call.path["entry"]
    opened, done = await offers.set_apart(call.desk, call.agent, conversation, entry)
    return await as_it_is(call, Done(opened, done.kind, done.token))


REFUSED = ("changed", "not-possible")
CASES: Sequence[AnyRoute] = (
    reading(f"{ONE}/places", "listPlaces", "Where an answer can go.", list_places, Nothing, Places),
    reading(
        f"{ONE}/joins",
        "listJoinOffers",
        "Other open conversations of the customer's that may be the same matter.",
        list_offers,
        Nothing,
        Offers,
    ),
    writing(
        "POST",
        "/joins/{offer}",
        "decideJoin",
        "Say whether two conversations are one matter.",
        decide,
        Decide,
        shapes.ChangedConversation,
        *REFUSED,
    ),
    writing(
        "DELETE",
        f"{ONE}/joins/{{entry}}",
        "setApart",
        "What was joined by itself is a conversation of its own again, which is the answer.",
        set_apart,
        Nothing,
        shapes.ChangedConversation,
        *REFUSED,
    ),
)
