"""Mails as a support mailbox gets them: the mix, sizes and forms of real post, the same for each seed.

Of a hundred mails 60 are of new customers, 25 continue a thread, 10 are of known customers with a new matter,
and 5 carry a file. They are multipart/alternative of 2 to 20 kB, with the HTML that mail programs write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from random import Random

from hub.clock import utc_now

SUPPORT = "support@hub.test"
OPENERS = ("Hello,", "Good morning,", "Guten Tag,", "Hi there,", "Sehr geehrte Damen und Herren,")
SENTENCES = (
    "I ordered the walnut desk three weeks ago and it still has not arrived.",
    "Your page says “delivered”, but nothing came and nobody rang the bell.",
    "Could you tell me whether the workshop on Friday still takes place?",
    "Die Rechnung vom letzten Monat ist doppelt abgebucht worden, bitte prüfen Sie das.",
    "The lamp flickers whenever the heating switches on; is that a known fault?",
    "Ich hätte gern die Größe M statt L und würde das Hemd zurückschicken.",
    "We would like to add two more people to our plan from next month on.",
    "Please send the documents to the address below, not to the old one.",
    "Leider finde ich den Rücksendeschein nicht mehr; können Sie mir einen neuen schicken?",
    "My order number is 4711-0815, in case you need it.",
)
OPEN_EACH = 10  # of the stored conversations every tenth is open
SUBJECTS = ("Order", "Invoice", "Rückfrage", "Delivery", "Question about", "Storno", "Warranty", "Password")


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A customer and the thread they wrote in; `chain` is what they answer, oldest first."""

    name: str
    address: str
    subject: str
    chain: tuple[str, ...]


def spoken(number: int) -> str:
    """A name of as many syllables as the number needs: no two numbers have the same."""
    name = ""
    while number:
        number, syllable = divmod(number, 60)
        name += "bdfgklmnprst"[syllable % 12] + "aeiou"[syllable // 12]
    return name or "an"


def correspondent(number: int) -> Correspondent:
    """The same for the same number: also those whose conversations were stored without a mail."""
    domain = f"mail{number % 700}.example"
    first, last = spoken(number * 7919 % 10_007), spoken(number + 160_000)
    return Correspondent(
        name=f"{first.title()} {last.title()}",
        address=f"{first}.{last}@{domain}",
        subject=f"{SUBJECTS[number % len(SUBJECTS)]} {number:06d}",
        chain=(f"root.{number:06d}@{domain}",),
    )


class Post:
    """An endless stream of mails. `stored`: how many correspondents there are already.

    Answers come to the open conversations alone, so that the work is the same however much is stored.
    """

    def __init__(self, seed: int, stored: int = 0, first_new: int = 1_000_000) -> None:
        self._random = Random(seed)
        self._known: Sequence[int] = range(stored)
        self._open: Sequence[int] = range(0, stored, OPEN_EACH)
        self._new: list[Correspondent] = []
        self._next = first_new + seed * 100_000
        self._sent = seed * 1_000_000

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield self.next()

    def next(self) -> bytes:
        kind = self._random.random()
        if kind < 0.25 and (self._known or self._new):
            return self._written(self._somebody(self._open), answers=True)
        if kind < 0.35 and (self._known or self._new):
            return self._written(self._somebody(self._known), answers=False)
        fresh = correspondent(self._next)
        self._next += 1
        self._new.append(fresh)
        return self._written(fresh, answers=False, own_id=fresh.chain[0])

    def _somebody(self, stored: Sequence[int]) -> Correspondent:
        which = self._random.randrange(len(stored) + len(self._new))
        return correspondent(stored[which]) if which < len(stored) else self._new[which - len(stored)]

    def _written(self, who: Correspondent, *, answers: bool, own_id: str | None = None) -> bytes:
        self._sent += 1
        mail = EmailMessage(policy=SMTP)
        mail["Received"] = (
            "from mx.example by mail.hub.test with ESMTPS id 4XyZ; Mon, 23 Nov 2026 10:00:01 +0000"
        )
        mail["DKIM-Signature"] = (
            "v=1; a=rsa-sha256; d=mail.example; s=s1; h=from:to:subject; b=" + "Ab9/" * 40
        )
        mail["From"] = f"{who.name} <{who.address}>"
        mail["To"] = f"Support <{SUPPORT}>"
        mail["Date"] = format_datetime(utc_now())
        mail["Message-ID"] = f"<{own_id or f'mail.{self._sent}@mailer.example'}>"
        mail["X-Mailer"] = "Example Mail 16.0"
        mail["Authentication-Results"] = "mail.hub.test; dkim=pass; spf=pass; dmarc=pass"
        if answers:
            chain = [*who.chain, f"answer.{self._sent}@elsewhere.example"]
            mail["Subject"] = f"Re: {who.subject}"
            mail["In-Reply-To"] = f"<{chain[-1]}>"
            mail["References"] = " ".join(f"<{each}>" for each in chain)
        else:
            mail["Subject"] = who.subject
        said = self._paragraphs(self._random.choice((1, 2, 3, 5)))
        quoted = self._paragraphs(self._random.choice((3, 6, 12))) if answers else []
        mail.set_content(_plain(said, quoted, who), cte="quoted-printable")
        mail.add_alternative(_html(said, quoted, who), subtype="html", cte="quoted-printable")
        if self._random.random() < 0.05:
            content = self._random.randbytes(self._random.randrange(2_000, 12_000))
            mail.add_attachment(content, maintype="image", subtype="png", filename="photo of it.png")
        return mail.as_bytes()

    def _paragraphs(self, count: int) -> list[str]:
        return [
            " ".join(self._random.choice(SENTENCES) for _ in range(self._random.randrange(1, 6)))
            for _ in range(count)
        ]


def _plain(said: list[str], quoted: list[str], who: Correspondent) -> str:
    text = "\n\n".join([OPENERS[len(said) % len(OPENERS)], *said, f"Kind regards\n{who.name}"])
    if quoted:
        quotation = "\n".join(f"> {line}\n>" for line in quoted)
        text += f"\n\nOn Fri, 20 Nov 2026 at 09:14, Support <{SUPPORT}> wrote:\n\n{quotation}\n"
    return text + f"\n-- \n{who.name}\nExample Street 1\n12345 Exampletown\n"


def _html(said: list[str], quoted: list[str], who: Correspondent) -> str:
    css = "margin:0cm;font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif;color:#1f1f1f"
    body = "".join(f'<p class="MsoNormal" style="{css}"><span lang="EN">{line}</span></p>\n' for line in said)
    if quoted:
        history = "".join(f'<p style="{css}">{line}</p>\n' for line in quoted)
        body += (
            '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, 20 Nov 2026 at 09:14, '
            f'Support &lt;<a href="mailto:{SUPPORT}">{SUPPORT}</a>&gt; wrote:<br></div><blockquote '
            'class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex">'
            f"{history}</blockquote></div>"
        )
    style = "<style>p.MsoNormal{margin:0cm;font-size:11.0pt} a:link{color:#0563C1} .x{mso-style:1}</style>"
    return (
        f"<html><head><meta charset='utf-8'>{style}</head><body><div dir='ltr'>{body}"
        f"<p style='{css}'>--<br>{who.name}<br>Example Street 1</p></div></body></html>"
    )
