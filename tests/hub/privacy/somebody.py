"""A person over two channels, with all that comes to be known of somebody; and every byte of a database."""

import asyncio
import zlib
from dataclasses import dataclass

from multidict import CIMultiDict, MultiDict

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.platform import Platform
from connectors.simulator.society import Persona, Post
from hub.contract.capabilities import Surface
from hub.contract.inbound import WebhookRequest
from hub.desk.consents import Said, record_consent
from hub.desk.customers import merge
from hub.desk.deeds import note, tag
from hub.desk.details import set_detail
from hub.desk.drafting import save_draft
from hub.desk.happenings import save_type, tell_events
from hub.desk.replying import Draft, reply
from hub.desk.searching import search
from hub.desk.tellings import Told
from hub.desk.uploading import attach, upload
from hub.hooks.endpoints import Wanted, add_hook
from hub.model.channels import Channel
from hub.model.customers import EventField
from hub.model.inbox import Message
from hub.model.joins import JoinOffer
from hub.model.journal import Outcome
from hub.privacy import Privacy, build_privacy
from hub.store.joins import join_id
from hub.store.search.postings import unpack
from tests.hubs import LEFT, Office, connect, until

KEY = "wilhelmine"
NAME, ADDRESS, PHONE = "Wilhelmine Quastenbrueck", "quastenbrueck@post.example", "+4930991234567"
# What must be found nowhere afterwards: how they are called, where they are, what they and we said.
SECRETS = (
    *("quastenbrueck", "+4930991234567", "xylophonwerkstatt", "bratkartoffel", "geheimzutat"),
    *("zitterpartie", "fagottkoffer", "lampenfieber", "klarinettenetui", "wunderkerze", "schuhgroesse"),
)
SHARED = b"the brochure that everybody has " * 20
OWN = b"only hers: fagottkoffer " * 20_000  # large: in chunks


@dataclass(frozen=True, slots=True)
class Somebody:
    office: Office
    privacy: Privacy
    person: Persona
    customer: str
    mails: Channel
    chats: Channel
    chat: Platform
    mail: Post
    mail_conversation: str
    chat_conversation: str
    group: str  # the conversation in which Eva writes, too
    shared_file: str


async def somebody(office: Office) -> Somebody:
    """`office` imitates e-mail; a messenger is beside it. Long because it makes one of everything."""
    hub, desk, ana = office.hub, office.hub.desk, office.ana
    chat = office.world.platform("chat", imitates="messenger")
    config = SimulatorConfig(world=office.world.name, account="chat", imitates="messenger", from_start=True)
    chats = await connect(hub, "simulator", config, "Chat")
    await add_hook(
        hub.webhooks, ana, Wanted(name="Shop", url="http://127.0.0.1:1/", kinds=("message.received",))
    )
    person = office.world.person(KEY, name=NAME, email=ADDRESS, phone=PHONE)
    eva = office.world.person("eva", name="Eva Other", email="eva@other.example", phone="+4930990000001")

    files = [("brochure.txt", "text/plain", SHARED), ("score.bin", "image/png", OWN)]
    mail = office.platform.write(person, "About the xylophonwerkstatt.", subject="Bratkartoffel", files=files)
    first = await office.conversation()
    office.platform.write(
        eva, "Mine too.", subject="Brochure", files=[("b.txt", "text/plain", SHARED)], also_to=[person]
    )
    await office.conversation(2)
    chat.write(person, "And a geheimzutat.")
    chatted = await office.conversation(3)
    group = chat.write(eva, "Hello group, Eva here.", surface=Surface.GROUP)
    grouped = (await office.conversation(4)).id
    chat.write(person, "Hello Eva, zitterpartie!", thread=group.thread.key)
    chat.react(person, group, "👍")
    await office.messages(grouped, 2)
    await office.messages(first.id, 1)

    kept = await attach(
        desk, ana, [(await upload(desk, ana, b"wunderkerze", name="w.txt", mime="text/plain")).stored or ""]
    )
    await reply(desk, ana, first.id, Draft(text="Dear lampenfieber.", attachments=kept))
    await note(desk, ana, first.id, "Careful: klarinettenetui.")
    await tag(desk, ana, first.id, "music")
    await save_draft(desk, ana, first.id, Draft(text="A draft of wunderkerze"))
    await merge(desk, ana, first.customer, chatted.customer)
    found = await hub.store.people.roots_of([first.customer])
    customer = found[first.customer]
    await set_detail(desk, ana, customer, "salutation", "Dear Ms Quastenbrueck")
    await record_consent(
        desk, ana, customer, Said(purpose="newsletter", given=True, where="form", text="Lampenfieber")
    )
    await save_type(desk, ana, "order", "Order", [EventField(key="what", name="What")])
    pair, quoted = (first.id, chatted.id), ("Both speak of a bratkartoffel",)
    offer = JoinOffer(
        id=join_id(*pair), conversations=pair, open=pair, score=60, reasons=quoted, at=hub.clock()
    )
    await hub.store.joins.offer([offer])
    told = Told(type="order", key="1", at=hub.clock(), values={"what": "schuhgroesse"})
    await tell_events(desk, ana, customer, [told])
    await _settled(office, first.id)
    entries = await hub.store.inbox.timeline(first.id)
    messages = [each for each in entries if isinstance(each, Message)]
    await _came_by_webhook(office, messages[0])
    shared = messages[0].content.attachments[0].stored or ""
    return Somebody(
        office, build_privacy(desk), person, customer, office.channel, chats, chat, mail,
        first.id, chatted.id, grouped, shared,
    )  # fmt: skip


async def _came_by_webhook(office: Office, message: Message) -> None:
    """As if the first one had come in a body of its own."""
    journal, headers = office.hub.store.journal, CIMultiDict({"From": ADDRESS})
    request = WebhookRequest("POST", "https://hub.example/", headers, MultiDict(), b"xylophonwerkstatt raw")
    arrival = await journal.add_arrival(message.channel, request, office.hub.clock())
    await journal.finish_arrival(arrival, Outcome.DELIVERED, office.hub.clock(), entries=1)
    await journal.entries.update_one({"_id": message.journal}, {"$set": {"arrival": arrival}})


async def _settled(office: Office, conversation: str) -> None:
    """Sent, found by search, told to webhooks."""

    async def look() -> bool:
        messages = await office.messages(conversation)
        sent = any(each.delivery and each.delivery.state in LEFT for each in messages)
        found = [
            (await search(office.hub.desk, office.ana, word)).rows
            for word in ("lampenfieber", "zitterpartie")
        ]
        told = await office.hub.store.database.hook_deliveries.find_one({"conversation": conversation})
        return sent and all(found) and told is not None

    await until(look, "everything to be sent, told and found")


async def found_in(office: Office, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """Where any of these stands: every field of every document, files, chunks, and the words of the index."""
    database = office.hub.store.database
    wanted = [each.encode() for each in secrets]
    found = []
    for name in sorted(await database.list_collection_names()):
        async for document in database[name].find():
            text = b"".join(_bytes(document)).lower()
            found += [f"{each.decode()} in {name} {document['_id']}" for each in wanted if each in text]
    return found


def _bytes(value: object) -> list[bytes]:
    match value:
        case dict():
            return [part for key, each in value.items() for part in (str(key).encode(), *_bytes(each))]
        case list() | tuple():
            return [part for each in value for part in _bytes(each)]
        case bytes():
            try:
                return [value, *unpack(value)]
            except (zlib.error, ValueError):
                return [value]
    return [str(value).encode("utf-8", "replace")]


async def ended(someone: Somebody, job: str) -> None:
    async def look() -> bool:
        found = await someone.office.hub.store.privacy.find(job)
        return found is not None and found.ended_at is not None

    await until(look, "the job to be done")


async def journal_is_idle(office: Office) -> None:
    async def look() -> bool:
        waiting, _ = await office.hub.store.journal.unfinished()
        return not waiting

    await asyncio.sleep(0)
    await until(look, "the journal to be worked off")
