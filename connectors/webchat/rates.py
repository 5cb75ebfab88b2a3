"""How much one visitor, and one address, may ask of the chat. Kept in memory: each process counts its own.

Generous to people, and far below what hurts: a sentence every second for a minute is more than anybody types.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

# What -> how many at once, and how many come back in a second; by visitor, and ten times that by address.
ALLOWED: Mapping[str, tuple[float, float]] = {
    "session": (20, 0.2),
    "events": (40, 1.0),
    "files": (20, 0.1),
    "typing": (40, 2.0),
    "stream": (30, 0.5),
    "read": (60, 2.0),
}
BY_ADDRESS = 10.0
KNOWN_MOST = 20_000  # buckets; the longest unused goes


@dataclass(slots=True)
class Rates:
    _buckets: "OrderedDict[tuple[str, str], tuple[float, float]]" = field(default_factory=OrderedDict)

    def wait(self, what: str, visitor: str, address: str, now: float) -> float:
        """Seconds until it may be asked again; 0: now, and it is counted."""
        most, per_second = ALLOWED[what]
        asked = [((what, visitor), most, per_second)] if visitor else []
        asked.append(((what, f"@{address}"), most * BY_ADDRESS, per_second * BY_ADDRESS))
        waits = [self._missing(key, full, back, now) / back for key, full, back in asked]
        if max(waits) > 0:
            return max(waits)
        for key, full, back in asked:
            self._take(key, full, back, now)
        return 0.0

    def _left(self, key: tuple[str, str], full: float, back: float, now: float) -> float:
        left, then = self._buckets.get(key, (full, now))
        return min(full, left + max(0.0, now - then) * back)

    def _missing(self, key: tuple[str, str], full: float, back: float, now: float) -> float:
        return max(0.0, 1.0 - self._left(key, full, back, now))

    def _take(self, key: tuple[str, str], full: float, back: float, now: float) -> None:
        self._buckets[key] = (self._left(key, full, back, now) - 1.0, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > KNOWN_MOST:
            self._buckets.popitem(last=False)
