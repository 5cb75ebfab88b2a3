"""Mails with what was not seen, through a real mail server: true, once, in their time, and never a loop."""

import email
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from pydantic import SecretStr

from hub.app import Hub
from hub.desk.deeds import assign, note
from hub.desk.notices import last_digest
from hub.model.journal import Outcome
from hub.model.notices import DigestState, NoticeSettings, Pace, QuietHours
from hub.model.people import Agent, Role
from hub.notifying.digesting import Digester
from hub.notifying.marks import Marks
from hub.notifying.posting import NotSent, Post
from hub.notifying.telling import Teller
from hub.realtime import Follower
from hub.work import running
from inbox_ui.digest import DigestWriter
from tests.hub.desk.inbox import BEGAN, conversation, fill
from tests.hubs import connect, until
from tests.mailbox import email_config
from tests.mailserver import MailAccount, MailServer, a_mail

ADA = Agent(id="ada", name="Ada", email="ada@hub.example", role=Role.ADMIN, created_at=BEGAN)
URL = "https://hub.example.com"


@dataclass(slots=True)
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Desk:
    """A hub with one agent, whose address is a mailbox, and what mails come from."""

    hub: Hub
    server: MailServer
    box: MailAccount
    sender: MailAccount
    ben: Agent
    clock: Clock
    marks: Marks

    @property
    def post(self) -> Post:
        return Post(
            host=self.server.host,
            port=self.server.ports.submission,
            sender=self.sender.address,
            user=self.sender.address,
            password=SecretStr(self.sender.password),
            ca_file=self.server.ca_file,
        )

    def digester(self, worker: str = "one", post: Post | None = None) -> Digester:
        store = self.hub.store
        return Digester(store, self.clock, worker, post or self.post, self.marks, URL, DigestWriter())

    async def tell(self) -> None:
        teller = Teller(self.hub.store, Follower(self.hub.store), self.clock, "one")
        await teller.tell(await self.hub.store.events.latest(self.hub.clock() - timedelta(minutes=5)))

    def later(self, **passed: int) -> None:
        self.clock.now += timedelta(**passed)

    async def choose(self, **wishes: object) -> None:
        settings = NoticeSettings(id="ben", language="de", zone="Europe/Berlin")
        await self.hub.store.notices.save_settings(replace(settings, **wishes))  # type: ignore[arg-type]


@pytest.fixture
async def office(hub: Hub, mail_server: MailServer) -> Desk:
    box, sender = mail_server.account("box", "example.test"), mail_server.account("support")
    ben = Agent(id="ben", name="Ben Okafor", email=box.address, created_at=BEGAN)
    for each in (ADA, ben):
        await hub.store.people.add_agent(each)
    await fill(hub, [conversation(1, customer_name="Tomás <b>Barreto</b>"), conversation(2)])
    key = hub.registry.sealer.derive("digests")
    made = Desk(hub, mail_server, box, sender, ben, Clock(hub.clock()), Marks(key, sender.address))
    await made.choose()
    return made


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


async def test_what_was_not_seen_comes_in_one_mail_if_it_is_still_true(office: Desk) -> None:
    hub = office.hub
    await note(hub.desk, ADA, "c00001", "@Ben please.")
    await assign(hub.desk, ADA, "c00002", office.ben)
    await office.tell()
    digester = office.digester()
    office.later(minutes=55)
    assert await digester.send_due() == 0
    await assign(hub.desk, ADA, "c00002", ADA)
    office.later(minutes=10)
    assert await digester.send_due() == 1
    assert await digester.send_due() == 0
    [raw] = await office.box.wait_for(1)
    mail = read(raw)
    assert mail["Subject"] == "Tomás <b>Barreto</b>: Ada hat Sie erwähnt"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = str(mail["List-Unsubscribe"]).strip(" <>").removeprefix(f"{URL}/desk/unsubscribe/")
    assert office.marks.agent_of(token) == "ben"
    for kind in ("plain", "html"):
        assert f"{URL}/desk/conversations/c00001" in text_of(mail, kind)
        assert "c00002" not in text_of(mail, kind)
    assert "Tomás &lt;b&gt;Barreto&lt;/b&gt;" in text_of(mail, "html")
    assert "Tomás <b>Barreto</b>" in text_of(mail, "plain")
    digest = await last_digest(hub.desk, office.ben)
    assert digest is not None
    assert digest.state is DigestState.SENT


async def test_nothing_is_mailed_in_quiet_hours_nor_when_nothing_true_is_left(
    office: Desk,
) -> None:
    hub = office.hub
    await office.choose(pace=Pace.QUARTER, quiet=QuietHours(free_days=(0, 1, 2, 3, 4, 5, 6)))
    await assign(hub.desk, ADA, "c00001", office.ben)
    await office.tell()
    office.later(hours=5)
    assert await office.digester().send_due() == 0
    await office.choose(pace=Pace.QUARTER)
    await assign(hub.desk, ADA, "c00001", ADA)
    assert await office.digester().send_due() == 0
    assert await hub.store.notices.open_of("ben") == []
    assert await last_digest(hub.desk, office.ben) is None


class Dying(Post):
    """The process dies in the middle of it."""

    async def send(self, mail: EmailMessage, to: str) -> None:
        raise KeyboardInterrupt


class Refusing(Post):
    async def send(self, mail: EmailMessage, to: str) -> None:
        raise NotSent("The server cannot be reached.")


def made_of(kind: Callable[..., Post]) -> Post:
    return kind(host="mail.test", port=25, sender="hubbub@hub.test")


async def test_a_mail_that_may_have_left_is_never_sent_again_and_says_so(office: Desk) -> None:
    await assign(office.hub.desk, ADA, "c00001", office.ben)
    await office.tell()
    office.later(hours=2)
    with pytest.raises(KeyboardInterrupt):
        await office.digester("one", made_of(Dying)).send_due()
    office.later(minutes=10)
    digester = office.digester("two")
    await digester.settle_interrupted()
    assert await digester.send_due() == 0
    digest = await last_digest(office.hub.desk, office.ben)
    assert digest is not None
    assert digest.state is DigestState.UNSURE
    assert len(await office.hub.store.notices.open_of("ben")) == 1  # it is at the bell


async def test_a_mail_that_certainly_did_not_leave_goes_into_the_next_one(office: Desk) -> None:
    await assign(office.hub.desk, ADA, "c00001", office.ben)
    await office.tell()
    office.later(hours=2)
    broken = office.digester("one", made_of(Refusing))
    assert await broken.send_due() == 0
    digest = await last_digest(office.hub.desk, office.ben)
    assert digest is not None
    assert (digest.state, digest.problem) == (DigestState.FAILED, "The server cannot be reached.")
    broken.post = office.post
    assert await broken.send_due() == 0  # not at once again
    await assign(office.hub.desk, ADA, "c00002", office.ben)
    await office.tell()
    office.later(hours=2)
    assert await broken.send_due() == 1
    [raw] = await office.box.wait_for(1)
    assert "c00001" in text_of(read(raw), "plain")
    assert "c00002" in text_of(read(raw), "plain")


async def test_answers_to_a_digest_and_the_digest_itself_become_no_conversations(office: Desk) -> None:
    hub, sender = office.hub, office.sender
    object.__setattr__(hub.settings.mail, "sender", sender.address)
    await assign(hub.desk, ADA, "c00001", office.ben)
    await office.tell()
    office.later(hours=2)
    await office.digester().send_due()
    [raw] = await office.box.wait_for(1)
    digest = read(raw)
    # The address that digests come from is a mailbox we read, and so is the agent's.
    mine = await connect(hub, "email", email_config(office.server, sender, start="unread"), "Support")
    theirs = await connect(hub, "email", email_config(office.server, office.box, start="unread"), "Ben's")
    answer = {"From": office.box.address, "To": sender.address, "Subject": "Re: x"}
    away = {**answer, "In-Reply-To": str(digest["Message-ID"]), "Auto-Submitted": "auto-replied"}
    office.server.submit(office.box, [sender.address], a_mail("I am away.", away))
    async with running(hub, web_server=False, worker=True):

        async def ended() -> list[str] | None:
            found = []
            for channel in (mine, theirs):
                entries = await hub.store.journal.list_entries(channel=channel.id)
                found += [each.words for each in entries if each.outcome is Outcome.IGNORED]
            return found if len(found) == 2 else None

        words = await until(ended, "both to be ignored", 40)
    assert sorted(words) == [
        "It answers a digest of Hubbub's own, which nobody reads answers to.",
        "This is a digest of Hubbub's own.",
    ]
