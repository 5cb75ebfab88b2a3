"""How likely a message is spam, and why. Pure.

What speaks for it and against it is added up as log-odds: the provider's verdict, what became of this
sender's earlier conversations, and what agents marked here. Where nothing speaks either way there is no
score: nobody is suspected for being new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from hub.model.sentences import sentence
from hub.store.spam import History

SUSPECT = 0.7  # from here on agents are told
BASE = -1.4  # before anything is known: one in five
BY_PROVIDER = 2.6
FORGED = 0.8
MARKED_BEFORE = 2.6
ANSWERED_BEFORE = -6.0  # outweighs provider and words together
LEAST = 3  # marks of each kind, before the filter has a say
TELLING = 4  # terms that tell something, at least
STRONGEST = 24  # terms that are counted
SURE = 3.5  # what the filter says at most


@dataclass(frozen=True, slots=True)
class Suspicion:
    score: float
    reasons: tuple[str, ...]  # what speaks for it, the strongest first


def suspect(
    flags: Sequence[str],
    sender: History,
    terms: Mapping[int, str],
    counts: Mapping[int, tuple[int, int]],
    bad: int,
    good: int,
) -> Suspicion | None:
    """`counts`: of a term's bucket, in how many of the `bad` and of the `good` conversations it stood."""
    said: list[tuple[float, str]] = []
    if "spam" in flags:
        said.append((BY_PROVIDER, sentence("spam_provider")))
    if "unverified" in flags:
        said.append((FORGED, sentence("spam_unverified")))
    if sender.answered:
        said.append((ANSWERED_BEFORE, ""))
    elif sender.marked:
        said.append((MARKED_BEFORE, sentence("spam_sender")))
    if words := by_words(terms, counts, bad, good):
        weight, strongest = words
        said.append((weight, sentence("spam_words", words=", ".join(strongest))))
    if not said:
        return None
    score = 1 / (1 + exp(-(BASE + sum(weight for weight, _ in said))))
    said.sort(key=lambda each: -each[0])
    return Suspicion(round(score, 3), tuple(words for weight, words in said if weight > 0 and words))


def by_words(
    terms: Mapping[int, str], counts: Mapping[int, tuple[int, int]], bad: int, good: int
) -> tuple[float, tuple[str, ...]] | None:
    """Log-odds by what was marked, and the terms that speak most for spam. None: too little is known."""
    if min(bad, good) < LEAST:
        return None
    weights = []
    for bucket in terms.keys() & counts.keys():
        ill, well = counts[bucket]
        share_ill, share_well = max(ill, 0) / bad, max(well, 0) / good
        seen = ill + well
        if seen <= 0:
            continue
        # After Robinson: what was seen once tells little.
        likely = (0.5 + seen * share_ill / (share_ill + share_well)) / (1 + seen)
        if abs(likely - 0.5) >= 0.15:
            weights.append((log(likely / (1 - likely)), terms[bucket]))
    if len(weights) < TELLING:
        return None
    weights.sort(key=lambda each: (-abs(each[0]), each[1]))
    strongest = weights[:STRONGEST]
    total = sum(weight for weight, _ in strongest) / 2  # terms of one text come together: half counts
    worst = tuple(term.removeprefix("//") for weight, term in strongest if weight > 0)[:5]
    return max(-SURE, min(SURE, total)), worst
