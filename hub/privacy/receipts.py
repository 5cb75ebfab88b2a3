"""Receipts: what a job did, signed by this installation, so that nobody can say otherwise later.

A receipt is JSON with an Ed25519 signature over everything else in it. The key is derived from the one that
seals secrets; who has the public half, which stands in every receipt, can verify without us.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.desk.changing import NotPossible
from hub.model.privacy import JobKind, PrivacyJob

VERSION = 1
LONGEST = 200_000  # characters of what is taken for a receipt

# What goes, in words; the same keys as the counts of a job.
COUNTED: Mapping[str, str] = {
    "customers": "customers",
    "identities": "addresses",
    "conversations": "conversations",
    "entries": "messages, notes and facts in them",
    "emptied": "messages emptied in conversations with others",
    "named": "messages of others that named them as a recipient",
    "files": "files",
    "originals": "raw originals in the journal",
    "arrivals": "webhook bodies",
    "decisions": "decisions of rules",
    "drafts": "drafts",
    "notices": "notices to agents",
    "webhook_deliveries": "deliveries of webhooks",
    "presence": "agents shown to look at it",
    "joins": "suggestions what may be one matter",
    "chat_lines": "lines of the web chat",
    "visitors": "visitors of the web chat",
    "undo_steps": "steps that could be undone",
    "events": "events told by other programs",
    "happened": "entries of the live stream",
    "answers": "answers kept for repeated requests",
    "consents": "consents",
    "ratings": "answers to how content they are",
    "links": "records of merges",
    "suggestions": "suggestions who they may be",
    "audit": "entries of the audit log that lost names and values",
    "exports": "exports",
}
# What stays, and why.
KEPT: Mapping[str, str] = {
    "others_words": "What others and we said in conversations with several people: it is not theirs alone.",
    "shared_files": "Files of which somebody else has the same bytes: they are theirs as well.",
    "proofs": "That a consent was given or taken back, and when: to be able to prove it. Purpose and words "
    "are kept as fingerprints, found only by whoever knows the address.",
    "audit": "The audit log: who did what and when. Names and values are taken out.",
    "journal": "That something arrived, when and on which channel: to know that nothing was missed.",
    "tombstones": "Fingerprints of addresses and messages, useless without our key: so that nothing comes "
    "back.",
    "elsewhere": "What platforms, mail servers, receivers of webhooks, downloaded files and backups hold is "
    "out of our reach.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a receipt is ours and unchanged."""

    genuine: bool
    receipt: Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Signing:
    seeds: tuple[bytes, ...] = field(repr=False)  # the present one first

    def sign(self, told: Mapping[str, Any]) -> str:
        """The receipt, as it is kept and handed out."""
        key = Ed25519PrivateKey.from_private_bytes(self.seeds[0])
        whole = {**told, "public_key": _text(key.public_key().public_bytes_raw())}
        return _written({**whole, "signature": _text(key.sign(_written(whole).encode()))})

    def verify(self, receipt: str) -> Verdict:
        """Raises NotPossible when it is no receipt at all."""
        try:
            told = json.loads(receipt) if len(receipt) < LONGEST else None
            if not isinstance(told, dict):
                raise ValueError(receipt)
            signature, public = _bytes(told.pop("signature")), _bytes(told["public_key"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            raise NotPossible("receipt_unreadable") from problem
        ours = {
            Ed25519PrivateKey.from_private_bytes(each).public_key().public_bytes_raw() for each in self.seeds
        }
        if public not in ours:
            return Verdict(False, told)
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, _written(told).encode())
        except (InvalidSignature, ValueError):
            return Verdict(False, told)
        return Verdict(True, told)


def told_of(
    job: PrivacyJob, ended_at: datetime, counts: Mapping[str, int], kept: Mapping[str, int]
) -> dict[str, Any]:
    """What a receipt says. Nothing of the person but the id their customer had."""
    what = "everything about a person was erased" if job.kind is JobKind.ERASURE else "a person was taken out"
    return {
        "hubbub_receipt": VERSION,
        "what": what,
        "kind": str(job.kind),
        "job": job.id,
        "customer": job.customer,
        "asked_by": job.by or "terminal",
        "asked_by_name": job.by_name,
        "asked_at": job.at.isoformat(),
        "began_at": job.began_at.isoformat() if job.began_at else None,
        "ended_at": ended_at.isoformat(),
        "counts": {name: counts[name] for name in COUNTED if counts.get(name)},
        "kept": [
            {"what": code, "count": kept[code], "because": words}
            for code, words in KEPT.items()
            if code in kept
        ],
    }


def readable(receipt: Mapping[str, Any]) -> str:
    """For people, in English."""
    lines = [
        f"Hubbub receipt {receipt.get('job', '')}: {receipt.get('what', '')}.",
        f"Customer {receipt.get('customer', '')}; asked by {receipt.get('asked_by_name') or 'the terminal'} "
        f"at {receipt.get('asked_at', '')}, done at {receipt.get('ended_at', '')}.",
        "",
    ]
    for name, count in (receipt.get("counts") or {}).items():
        lines.append(f"  {count:>8}  {COUNTED.get(name, name)}")
    kept = receipt.get("kept") or []
    if kept:
        lines += ["", "What stays, and why:"]
        lines += [f"  {each['count'] or '':>8}  {each['because']}" for each in kept]
    return "\n".join(lines)


def _written(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error as problem:
        raise ValueError(str(problem)) from problem
