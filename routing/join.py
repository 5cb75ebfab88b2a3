"""Somebody writes anew while another conversation of theirs is open: is it the same matter?

Clues add up as independent chances, as in `suggest`. A wrong suggestion costs a look, a wrong join mixes two
matters up: so joining by itself takes more, and a clue to the matter itself, not only to the moment. Most who
write again do so under another subject (see lesson 19), so the moment alone is enough to suggest.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from rapidfuzz import fuzz

from hub.contract.routing import Joint, Matter
from hub.model.channels import Joining
from hub.model.sentences import sentence

Clue = tuple[float, str, bool]  # weight, words, whether it is about the matter

SUGGESTED, JOINED = 25, 65  # of 100, at least
DIFFERENT = 0.35  # what is left of the chance where both name numbers, and none is the same
SAME, ALIKE, MUCH_THE_SAME = 90, 75, 70  # of 100
TELLING = 8  # letters and digits of a subject that tells one matter from another
MOMENTS = (
    (timedelta(hours=1), 0.4, "join_hour"),
    (timedelta(days=1), 0.25, "join_day"),
    (timedelta(days=3), 0.15, "join_days"),
    (timedelta(days=14), 0.08, "join_lately"),
)
LATELY = MOMENTS[-1][0]  # what nothing has happened in for longer is not looked at

_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|antw|sv|vs|tr|rv|res|odp|回复|转发)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.I
)
_NUMBER = re.compile(r"(?<![\w+./-])#?((?:[A-Za-z]{1,4}[-/]?)?\d[\d-]{3,18})(?![\w/])")
_ABROAD = re.compile(r"(?:\+|\b00)\d[\d ()/-]{6,20}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"(?:19|20)\d\d-\d\d?(?:-\d\d?)?|\d\d?-\d\d?-(?:19|20)?\d\d")
PHONE_LEAST = 9  # digits behind a leading zero


def join(new: Matter, live: Sequence[Matter], wanted: Joining, *, shared: bool = False) -> Joint:
    """Which of the live ones it is about, and what to do about that."""
    if wanted is Joining.APART:
        return Joint(how=Joining.APART, because=sentence("apart_wanted"))
    compared = [(*_compare(new, each, only=len(live) == 1), each) for each in live]
    compared = [each for each in compared if each[0] >= SUGGESTED]
    if not compared:
        return Joint(how=Joining.APART, because=sentence("apart_unlike"))
    score, clues, matter = max(compared, key=lambda each: (each[0], each[2].at, each[2].id))
    reasons = tuple(words for _, words, _ in clues)
    against = _against(new, matter, shared=shared)
    certain = score >= JOINED and any(about for _, _, about in clues)
    if wanted is Joining.JOIN and certain and not against:
        because = sentence("joined_matter", problem=reasons[0])
        return Joint(how=Joining.JOIN, matter=matter.id, score=score, because=because, reasons=reasons)
    reasons = (*reasons, against) if wanted is Joining.JOIN and against else reasons
    return Joint(how=Joining.SUGGEST, matter=matter.id, score=score, because=reasons[0], reasons=reasons)


def _against(new: Matter, live: Matter, *, shared: bool) -> str:
    """What forbids to join without asking; "": nothing."""
    if new.public != live.public:
        return sentence("apart_public")
    if new.team != live.team:
        return sentence("apart_team")
    return sentence("apart_shared") if shared else ""


def _compare(new: Matter, live: Matter, *, only: bool) -> tuple[int, list[Clue]]:
    clues = sorted((*_matter(new, live), *_moment(new, live, only=only)), reverse=True)
    chance = 1.0
    for weight, _, _ in clues:
        chance *= 1 - weight
    chance = 1 - chance
    mine, theirs = numbers_in(new), numbers_in(live)
    if mine and theirs and not mine & theirs:
        chance *= DIFFERENT
        clues.append((0.0, sentence("join_numbers_differ"), False))
    return round(chance * 100), clues


def _matter(new: Matter, live: Matter) -> Iterator[Clue]:
    if shared := sorted(numbers_in(new) & numbers_in(live), key=len, reverse=True):
        yield 0.65, sentence("join_number", number=shared[0]), True
    mine, theirs = _bare(new.subject), _bare(live.subject)
    if mine and theirs:
        ratio = fuzz.ratio(mine, theirs)
        telling = sum(map(str.isalnum, mine)) >= TELLING
        if ratio >= SAME:
            yield 0.6 if telling else 0.25, sentence("join_subject", subject=live.subject), telling
            return
        if telling and fuzz.token_set_ratio(mine, theirs) >= ALIKE:
            yield 0.35, sentence("join_subject_like", subject=live.subject), True
            return
    if new.text and live.text and fuzz.token_sort_ratio(_start(new), _start(live)) >= MUCH_THE_SAME:
        yield 0.35, sentence("join_words"), True


def _moment(new: Matter, live: Matter, *, only: bool) -> Iterator[Clue]:
    apart = abs(new.at - live.at)
    for within, weight, words in MOMENTS:
        if apart <= within:
            yield weight, sentence(words), False
            break
    if live.waits:
        yield 0.15, sentence("join_waits"), False
    if only:
        yield 0.1, sentence("join_only"), False


def numbers_in(matter: Matter) -> set[str]:
    """Numbers that name something: an order, an invoice. No years, dates or telephone numbers."""
    said = _ABROAD.sub(" ", f"{matter.subject}\n{matter.text}")
    found = {each.strip("-").upper() for each in _NUMBER.findall(said)}
    return {each for each in found if not _YEAR.fullmatch(each) and not _is_else(each)}


def _is_else(number: str) -> bool:
    digits = sum(map(str.isdecimal, number))
    return bool(_DATE.fullmatch(number)) or digits < 4 or (number.startswith("0") and digits >= PHONE_LEAST)


def _bare(subject: str) -> str:
    return " ".join(_PREFIX.sub("", subject).casefold().split())


def _start(matter: Matter) -> str:
    return matter.text[:140].casefold()
