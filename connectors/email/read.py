"""From the bytes of a mail to what happened: a customer wrote, a mail of ours bounced or came by. Pure.

The author is From, and not Reply-To: From is who wrote, and what identifies a customer over the years. A
differing Reply-To is kept among the people (role `reply_to`) for whoever answers.

A mail from our own address is ours only if its Message-ID is signed by us or our server vouches for it.
Anything else is a form of our website or a forgery, and somebody's question all the same: its author is a
foreign Reply-To, or else that address itself, as a customer's whom nobody has verified.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from connectors.email.bounces import Bounce, Undelivered, read_bounce
from connectors.email.compose import PROBE_HEADER
from connectors.email.config import EmailConfig
from connectors.email.flags import read_complaint
from connectors.email.mail import Address, Mail
from connectors.email.message_ids import Signer, Whose
from connectors.email.mime import UNREADABLE, read_mail
from connectors.email.reply import split_reply
from connectors.email.sayings import place_of
from connectors.email.vouching import is_vouched_for
from hub.contract.capabilities import ReceiptState
from hub.contract.inbound import (
    ArrivedRaw,
    Author,
    Ignored,
    InboundEvent,
    MessageReceived,
    ReachabilityChanged,
    ReceiptReceived,
    RemoteId,
)
from hub.model.content import Attachment, Content
from hub.model.inbox import Person

_NO_SUCH_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")


def read_event(event: ArrivedRaw, config: EmailConfig, signer: Signer) -> tuple[InboundEvent, ...]:
    """One event or several, keyed as the contract says. The worst input gives a readable message."""
    # The outermost guard, the only one here: a fault of ours in one mail must not stop those behind it.
    try:
        events = _read(event, config, signer)
    except Exception as problem:  # noqa: BLE001
        events = (_unreadable(event, place_of(problem)),)
    return tuple(
        replace(each, key=event.key if number == 1 else f"{event.key}#{number}")
        for number, each in enumerate(events, 1)
    )


def _read(event: ArrivedRaw, config: EmailConfig, signer: Signer) -> tuple[InboundEvent, ...]:
    mail = read_mail(event.body, event.at)
    if signer.is_probe(mail.message_id) or signer.is_probe(mail.headers.text(PROBE_HEADER).strip("<> ")):
        return (Ignored(key=event.key, at=event.at, thread=event.thread, because="It is our own probe."),)
    bounce = read_bounce(mail)
    if bounce is not None and signer.whose(bounce.about) is Whose.OURS:
        return _receipts(event, bounce, signer)
    return (_message(event, mail, config, signer, bounced=bounce is not None),)


def _receipts(event: ArrivedRaw, bounce: Bounce, signer: Signer) -> tuple[InboundEvent, ...]:
    if signer.is_probe(bounce.about.lower()):
        because = f"Our own probe came back: {bounce.reason}"
        return (Ignored(key=event.key, at=event.at, thread=event.thread, because=because),)
    about = RemoteId(bounce.about.lower())
    everyone = bounce.recipients or (Undelivered("", "permanent", reason=bounce.reason),)
    events: list[InboundEvent] = []
    for one in everyone:
        if one.outcome == "delivered":
            continue
        state = ReceiptState.SENT if one.outcome == "delayed" else ReceiptState.FAILED
        events.append(
            ReceiptReceived(
                key=event.key,
                at=event.at,
                thread=event.thread,
                state=state,
                message=about,
                problem=_problem(one, bounce),
                recipient=one.address.lower() or None,
            )
        )
    for one in everyone:
        if one.outcome == "permanent" and one.status in _NO_SUCH_ADDRESS and one.address:
            author = Author(key=one.address.lower(), email=one.address)
            events.append(
                ReachabilityChanged(
                    key=event.key, at=event.at, thread=event.thread, author=author, reachable=False
                )
            )
    delivered = Ignored(key=event.key, at=event.at, thread=event.thread, because="It reports a success.")
    return tuple(events) or (delivered,)


def _problem(one: Undelivered, bounce: Bounce) -> str:
    words = one.reason or bounce.reason or "The mail could not be delivered."
    said = " ".join(one.diagnostic.split())[:300]
    return f"{words} The server said: {said}" if said else words


def _message(
    event: ArrivedRaw, mail: Mail, config: EmailConfig, signer: Signer, *, bounced: bool
) -> MessageReceived:
    author = _author(mail, config, signer)
    echo = author.ours and signer.whose(mail.message_id) is Whose.OURS
    complaint = read_complaint(mail)
    related = _related(mail, signer, [complaint.about] if complaint else [])
    own = _own_id(mail, signer, echo=echo)
    answers = [each for each in (_checked(one, signer) for one in mail.in_reply_to) if each]
    return MessageReceived(
        key=event.key,
        at=event.at,
        thread=event.thread,
        message=own,
        author=author,
        content=_content(event, mail, config),
        reply_to=answers[-1] if answers else (related[-1] if related else None),
        related=tuple(each for each in related if each != own),
        fingerprint=mail.content_hash,
        people=_people(mail, author, signer),
        named_at=_named_at(mail, signer),
        flags=_flags(mail, author, bounced=bounced),
        raw={"fault": mail.fault} if mail.fault else {},
    )


def _author(mail: Mail, config: EmailConfig, signer: Signer) -> Author:
    sender, forged = mail.sender, _is_forged(mail)
    own = signer.is_own(sender.address)
    if own:
        foreign = [each for each in mail.reply_to if each.address and not signer.is_own(each.address)]
        if foreign:
            sender, own = foreign[0], False
    if not sender.address:
        key = f"unknown:{mail.content_hash[:24]}"  # of its own: strangers must not become one customer
        return Author(key=key, name=sender.name or None)
    ours = own and not forged and _is_ours(mail, config, signer)
    email = None if forged or own != ours else sender.address
    return Author(key=sender.key, name=sender.name or None, handle=sender.address, email=email, ours=ours)


def _is_ours(mail: Mail, config: EmailConfig, signer: Signer) -> bool:
    if signer.whose(mail.message_id) is Whose.OURS:
        return True
    return is_vouched_for(mail.headers, signer.domain, config.imap.host)


def _is_forged(mail: Mail) -> bool:
    """Whether our own server doubts that the sender is who they say."""
    results = mail.flags.authentication
    if "dmarc" in results:
        return results["dmarc"] == "fail"
    return results.get("spf") == "fail" and results.get("dkim") not in ("pass", None)


def _own_id(mail: Mail, signer: Signer, *, echo: bool) -> RemoteId:
    """The mail's own id. A stranger who writes under an id of ours gets one made from the content."""
    if echo:
        return RemoteId(mail.message_id.lower())
    if signer.whose(mail.message_id) is Whose.FOREIGN:
        return RemoteId(mail.message_id)
    return RemoteId(f"{mail.content_hash[:40]}@synthetic.invalid")


def _related(mail: Mail, signer: Signer, more: Iterable[str]) -> tuple[RemoteId, ...]:
    """The chain it stands in, oldest first. What pretends to be ours is left out."""
    answered = [signer.answered(each.address) for each in mail.recipients]
    claimed = [*mail.references, *mail.in_reply_to, *(each for each in answered if each), *more]
    if not mail.synthetic and signer.whose(mail.message_id) is Whose.OURS:
        claimed.append(mail.message_id)
    checked = (_checked(each, signer) for each in claimed)
    return tuple(dict.fromkeys(each for each in checked if each))


def _checked(message_id: str, signer: Signer) -> RemoteId | None:
    match signer.whose(message_id):
        case Whose.FORGED:
            return None
        case Whose.OURS:
            return RemoteId(message_id.lower())
        case Whose.FOREIGN:
            return RemoteId(message_id) if message_id else None


def _people(mail: Mail, author: Author, signer: Signer) -> tuple[Person, ...]:
    people: dict[str, Person] = {}

    def add(addresses: Sequence[Address], role: str) -> None:
        for each in addresses:
            if each.address and each.key != author.key and not signer.is_own(each.address):
                people.setdefault(each.key, Person(key=each.key, name=each.name or None, role=role))

    add(mail.reply_to, "reply_to")
    add(mail.to, "to")
    add(mail.cc, "cc")
    return tuple(people.values())


def _named_at(mail: Mail, signer: Signer) -> int | None:
    named = (place for place, each in enumerate((*mail.to, *mail.cc)) if signer.is_own(each.address))
    return next(named, None)


def _flags(mail: Mail, author: Author, *, bounced: bool) -> tuple[str, ...]:
    """`automatic`: whatever it is, a machine must not answer it."""
    said = mail.flags
    found = {
        "auto_reply": said.auto_reply,
        "automatic": said.automatic or said.no_auto_reply,
        "list": bool(said.mailing_list) or said.bulk,
        "spam": said.spam.spam is True,
        "bounce": bounced or said.bounce,
        "complaint": said.complaint,
        "unverified": _is_forged(mail) or (author.handle is not None and author.email is None),
    }
    return tuple(flag for flag, holds in found.items() if holds)


def _content(event: ArrivedRaw, mail: Mail, config: EmailConfig) -> Content:
    reply = split_reply(mail.text, mail.html, mail.subject)
    attachments = [
        Attachment(
            name=file.name,
            mime=file.mime,
            size=len(file.content),
            fresh=file.content,
            inline_id=file.content_id or None if file.inline else None,
        )
        for file in mail.files
    ]
    size = int(event.raw.get("size") or 0)
    if size > len(event.body) >= config.largest_mail:
        shown = f"{len(event.body) / 1_000_000:.0f} of {size / 1_000_000:.0f} MB"
        words = f"This mail is too large: {shown} were taken. The whole of it is in the mailbox."
        attachments.append(Attachment(name="original.eml", mime="message/rfc822", size=size, refused=words))
    return Content(
        text=f"{reply.new} {_told(mail.fault)}" if mail.fault else reply.new,
        rest=reply.rest or None,
        html=mail.html,
        subject=mail.subject or None,
        attachments=tuple(attachments),
    )


def _unreadable(event: ArrivedRaw, fault: str) -> MessageReceived:
    key = event.key.rpartition(":")[2]
    original = Attachment(name="original.eml", mime="message/rfc822", size=len(event.body), fresh=event.body)
    return MessageReceived(
        key=event.key,
        at=event.at,
        thread=event.thread,
        message=RemoteId(f"{event.thread.key}.{key}@unreadable.invalid"),
        author=Author(key=f"unknown:{event.key}"),
        content=Content(text=f"{UNREADABLE} {_told(fault)}", attachments=(original,)),
        raw={"fault": fault},
    )


def _told(fault: str) -> str:
    """A fault of ours that nobody sees is never mended."""
    return f"(A fault in Hubbub: {fault}.)"
