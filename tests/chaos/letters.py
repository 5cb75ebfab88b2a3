"""The mails of a storm: each with a token of its own, in threads whose right conversation is known."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

FOLLOW_UPS = 0.4  # of all mails


@dataclass(frozen=True, slots=True)
class Letter:
    token: str
    thread: int  # which conversation it belongs to
    customer: str
    raw: bytes


def letters(count: int, to: str, customers: list[str], seed: int) -> Iterator[Letter]:
    """Mails that begin threads and mails that answer them, customers coming back now and then."""
    chance = random.Random(seed)
    threads: list[list[str]] = []  # Message-IDs so far
    owners: list[str] = []
    for number in range(count):
        if threads and chance.random() < FOLLOW_UPS:
            thread = chance.randrange(max(0, len(threads) - 200), len(threads))
        else:
            thread = len(threads)
            threads.append([])
            owners.append(chance.choice(customers))
        name = f"<storm.{seed}.{number}@example.test>"
        token = f"token-{seed}-{number}-end"
        raw = _mail(owners[thread], to, thread, name, threads[thread], token, chance)
        threads[thread].append(name)
        yield Letter(token, thread, owners[thread], raw)


def _mail(
    customer: str, to: str, thread: int, name: str, before: list[str], token: str, chance: random.Random
) -> bytes:
    fields = {
        "From": f"Customer <{customer}>",
        "To": to,
        "Subject": f"{'Re: ' if before else ''}Matter {thread}",
        "Message-ID": name,
        "Date": f"Mon, 23 Nov 2026 10:{chance.randrange(60):02}:{chance.randrange(60):02} +0100",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
    }
    if before:
        fields["In-Reply-To"] = before[-1]
        fields["References"] = " ".join(before[-10:])
    filler = " ".join(chance.choice(("parcel", "order", "late", "tent", "wool")) for _ in range(60))
    head = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
    return f"{head}\r\nThis is about {token}.\r\n{filler}\r\n".encode()
