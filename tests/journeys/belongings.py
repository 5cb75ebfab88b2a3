"""One of everything that an address can name: of the secret conversation, or ana's own."""

from collections.abc import Mapping
from datetime import timedelta

from hub.desk import customers
from hub.desk.deeds import tag
from hub.desk.replying import Draft, reply
from hub.desk.saved_replies import save_reply
from hub.desk.saved_views import save_view
from hub.model.customers import Suggestion
from hub.model.desk import Filter
from hub.model.inbox import Conversation
from hub.model.joins import JoinOffer
from hub.model.notices import Notice, NoticeKind
from hub.model.people import Customer
from hub.model.rules import Decision
from tests.hubs import Office

# Whoever may not see the conversation reaches none of these.
OF_THE_CONVERSATION = frozenset(
    {"conversation", "entry", "delivery", "customer", "suggestion", "merge", "identity", "decision", "offer"}
)
OF_ANA = frozenset({"reply", "notice", "view", "token", "session"})
# Everybody's own, and the end of the walk for whoever does it.
SIGNS_OUT = ("DELETE", "/api/v1/sessions")
# Whoever is only an agent may not, whatever they see.
FOR_SUPERVISORS = frozenset(
    {
        ("POST", "/api/v1/tags"),
        ("PUT", "/api/v1/tags/{tag}"),
        ("DELETE", "/api/v1/tags/{tag}"),
        ("DELETE", "/api/v1/conversations/{conversation}"),
        ("POST", "/desk/conversations/{conversation}"),  # with _method=delete
    }
)


async def lay_out(office: Office, found: Conversation, words: str) -> Mapping[str, str]:
    """What fills the blanks of addresses. Long because it makes one of everything."""
    desk, ana, store, now = office.hub.desk, office.ana, office.hub.store, office.hub.clock()
    entry = (await office.messages(found.id, 1))[0].id
    waiting = await reply(desk, ana, found.id, Draft(text=words, key="form", wait=timedelta(days=1)))
    done = await tag(desk, ana, found.id, "vip")
    for name in ("half", "other"):
        await store.people.add_customers([Customer(id=name, name=name.title(), created_at=now)])
    joined = await customers.merge(desk, ana, found.customer, "half")
    (identity,) = await store.people.identities_of(found.customer)
    pair = (found.customer, "other")
    await store.likenesses.suggest(
        [Suggestion(id="alike", customers=pair, identities=(identity.id, ""), score=50, open=50, at=now)]
    )
    one_matter = (found.id, "gone")
    await store.joins.offer(
        [JoinOffer(id="matter", conversations=one_matter, open=one_matter, score=50, at=now)]
    )
    await store.rules.add_decisions(
        [Decision(id="decided", conversation=found.id, at=now, event="arrived", because="It was so.")]
    )
    told = Notice(
        id="told", agent=ana.id, kind=NoticeKind.MENTIONED, because=words, at=now, ring_at=now, ways=(),
        conversation=found.id,
    )  # fmt: skip
    await store.notices.add([told])
    return {
        "conversation": found.id, "entry": entry, "delivery": waiting.id, "customer": found.customer,
        "suggestion": "alike", "merge": joined.record, "identity": identity.id, "decision": "decided",
        "offer": "matter", "join": "matter", "notice": "told", "undo": done.token or "", "tag": "vip",
        "reply": (await save_reply(desk, ana, "Mine", words)).id,
        "saved": (await save_view(desk, ana, "Mine", Filter())).id,
        "view": "open", "number": "0", "channel": office.channel.id, "agent": "own", "team": "support",
        "kind": "csv", "name": "a.txt", "on": "conversation", "key": "order", "type": "order", "file": "0",
    }  # fmt: skip
