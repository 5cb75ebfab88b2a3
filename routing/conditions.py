"""Whether the conditions of a rule hold. Pure.

Facts are texts, several for one name where there are several (tags). Case and the width of letters make no
difference. What is not known `is` nothing and `is_not` everything.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from hub.contract.routing import Facts
from hub.model.rules import Condition, Group, Join, Test

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def holds(part: Condition | Group, facts: Facts) -> bool:
    if isinstance(part, Condition):
        return _holds(part, facts.get(part.fact, ()))
    if part.join is Join.ALL:
        return all(holds(each, facts) for each in part.parts)
    found = any(holds(each, facts) for each in part.parts)
    return found if part.join is Join.ANY else not found


def _holds(condition: Condition, found: Sequence[str]) -> bool:
    match condition.test:
        case Test.KNOWN:
            return any(found)
        case Test.UNKNOWN:
            return not any(found)
        case Test.IS_NOT:
            return not _any(_same, found, condition.values)
    return _any(_TESTS[condition.test], found, condition.values)


def _any(test: Callable[[str, str], bool], found: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(test(folded(each), folded(value)) for each in found for value in wanted)


def folded(text: str) -> str:
    """As it is compared."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def has_word(text: str, word: str) -> bool:
    """As a whole word; in scripts that put no spaces between words, anywhere."""
    if not word:
        return False
    if _UNSPACED.search(word):
        return word in text
    return _pattern(word).search(text) is not None


@lru_cache(maxsize=2048)
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def _same(found: str, wanted: str) -> bool:
    return found == wanted


def _contains(found: str, wanted: str) -> bool:
    return bool(wanted) and wanted in found


def _begins(found: str, wanted: str) -> bool:
    return bool(wanted) and found.startswith(wanted)


def _above(found: str, wanted: str) -> bool:
    numbers = _numbers(found, wanted)
    return numbers is not None and numbers[0] > numbers[1]


def _below(found: str, wanted: str) -> bool:
    numbers = _numbers(found, wanted)
    return numbers is not None and numbers[0] < numbers[1]


def _numbers(found: str, wanted: str) -> tuple[float, float] | None:
    try:
        return float(found), float(wanted)
    except ValueError:
        return None


_TESTS: Mapping[Test, Callable[[str, str], bool]] = {
    Test.IS: _same,
    Test.CONTAINS: _contains,
    Test.WORD: has_word,
    Test.BEGINS: _begins,
    Test.ABOVE: _above,
    Test.BELOW: _below,
}
