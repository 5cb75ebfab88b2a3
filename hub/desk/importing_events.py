"""What happened to customers elsewhere, read from files: each row names its customer by an address.

Told twice with the same type and key, it is one event: a file that was broken off is read again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.desk.changing import NotPossible
from hub.desk.happenings import Kept, tell_events
from hub.desk.importing import customers_at
from hub.desk.replying import Desk
from hub.desk.tellings import Told, Wrong
from hub.model.people import Agent

NAMED = ("customer", "type", "key", "at")


async def import_events(
    desk: Desk, agent: Agent, rows: Sequence[Mapping[str, str]], *, country: str = ""
) -> Kept:
    """`customer` is an address or a number, `at` a moment with its zone; all else is a value of the event.

    Raises NotAllowed (admins only). `wrong` names rows by their places.
    """
    whose = await customers_at(desk, agent, [row.get("customer", "") for row in rows], country)
    told: dict[str, list[tuple[int, Told]]] = {}
    wrong: list[Wrong] = []
    for place, row in enumerate(rows):
        customer, at = whose.get(row.get("customer", "")), _moment(row.get("at", ""))
        if customer is None:
            wrong.append(Wrong(place, NotPossible("customer_gone")))
        elif at is None:
            wrong.append(Wrong(place, NotPossible("import_moment")))
        else:
            values = {name: value for name, value in row.items() if name not in NAMED and value}
            event = Told(type=row.get("type", ""), key=row.get("key", ""), at=at, values=values)
            told.setdefault(customer, []).append((place, event))
    added = known = 0
    for customer, events in told.items():
        kept = await tell_events(desk, agent, customer, [each for _, each in events])
        added, known = added + kept.added, known + kept.known
        wrong += [Wrong(events[each.place][0], each.refusal) for each in kept.wrong]
    return Kept(added, known, sorted(wrong, key=lambda each: each.place))


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else None
