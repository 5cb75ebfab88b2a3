"""Could these two be one person? Clues add up as independent chances; a name that contradicts divides them.

The weights were fitted by hand to the golden set of cases (tests/routing/golden.txt): what is suggested
should be right four times of five.
"""

from collections.abc import Iterator

from rapidfuzz import fuzz

from hub.contract.routing import Likeness
from hub.model.addresses import base_email, company_domain, is_role
from hub.model.names import Fit, evened, fits, tokens_of
from hub.model.people import Identity
from hub.model.sentences import sentence
from hub.model.traces import addresses_of, is_personal, nicknames

Clue = tuple[float, str]

LEAST = 50  # of 100: below, it is not worth a person's time
CONTRADICTED = 0.45  # what is left of the chance when the names are two people's
NAMES = {
    Fit.SAME: (0.3, "likeness_name"),
    Fit.COULD_BE: (0.12, "likeness_part_of_name"),
    Fit.SHORTENED: (0.2, "likeness_short_name"),
}
ROLE = 0.35
EXTRA = 2  # letters or digits beside the name that make a handle one's own
SIMILAR = 88  # of 100


def compare(one: Identity, other: Identity) -> Likeness | None:
    """None: too little speaks for it."""
    fit = fits(one.name, other.name)
    # An address that both have says all that its domain and its mailbox's name could add.
    shared = sorted(_addresses(one, other), reverse=True)
    clues = shared or sorted((*_company(one, other, fit), *_nicknames(one, other)), reverse=True)
    if one.device and one.device == other.device:
        clues.append((0.65, sentence("likeness_device")))
    if not clues:
        return None
    if fit in NAMES:
        weight, words = NAMES[fit]
        clues.append((weight, sentence(words, name=other.name or "")))
    against = 1.0
    for weight, _ in clues:
        against *= 1 - weight
    chance = (1 - against) * (CONTRADICTED if fit is Fit.OTHER else 1)
    score = round(chance * 100)
    return Likeness(score, tuple(words for _, words in clues)) if score >= LEAST else None


def _addresses(one: Identity, other: Identity) -> Iterator[Clue]:
    mine, theirs = addresses_of(one), addresses_of(other)
    shared = sorted(mine & theirs)
    for address in shared[:1]:
        both = address in (one.email, one.phone) and address in (other.email, other.phone)
        mail = "@" in address
        if mail and is_role(address):
            yield ROLE, sentence("likeness_role", address=address)
        elif both:
            yield 0.6, sentence("likeness_same_address", address=address)
        else:
            yield 0.8 if mail else 0.75, sentence("likeness_named_address", address=address)
    if not shared:
        for address in sorted(_bases(mine) & _bases(theirs))[:1]:
            yield 0.75, sentence("likeness_spelling", address=address)


def _company(one: Identity, other: Identity, fit: Fit) -> Iterator[Clue]:
    if fit not in (Fit.SAME, Fit.SHORTENED):
        return
    mine, theirs = (
        {company_domain(each) for each in addresses_of(who) if "@" in each} for who in (one, other)
    )
    for domain in sorted(each for each in mine & theirs if each)[:1]:
        yield 0.7 if fit is Fit.SAME else 0.5, sentence("likeness_company", domain=domain)


def _nicknames(one: Identity, other: Identity) -> Iterator[Clue]:
    mine, theirs = nicknames(one), nicknames(other)
    names = {*tokens_of(one.name), *tokens_of(other.name)}
    same = sorted(mine & theirs, key=len, reverse=True)
    if same:
        own = _is_own(same[0], names)
        yield 0.5 if own else 0.2, sentence("likeness_nickname", name=same[0])
        return
    near = [
        (ratio, each)
        for each in mine
        for other_one in theirs
        if (ratio := fuzz.ratio(each, other_one)) >= SIMILAR
    ]
    if near:
        nickname = max(near)[1]
        yield 0.35 if _is_own(nickname, names) else 0.15, sentence("likeness_near_nickname", name=nickname)


def _is_own(nickname: str, names: set[str]) -> bool:
    """Whether there is more to it than the name that many have."""
    rest = evened(nickname)
    for token in sorted(names, key=len, reverse=True):
        rest = rest.replace(token, "", 1)
    return len(rest) >= EXTRA


def _bases(addresses: set[str]) -> set[str]:
    return {base_email(each) for each in addresses if is_personal(each)}
