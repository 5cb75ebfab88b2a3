"""Asking the platform what it holds: the same keys as were handed over, and the same events again."""

from hub.contract.connector import Polls, Reconciles, Streams
from tests.conformance_kit.harness import Check, Harness, require
from tests.conformance_kit.reading import by_poll, by_stream, connected, events_of, keys, start


async def what_it_holds_goes_by_the_keys_that_were_handed_over(harness: Harness) -> None:
    connector = await connected(harness)
    assert isinstance(connector, Reconciles)
    cursor = await start(harness, connector)
    await harness.arrive(3)
    way = by_stream if isinstance(connector, Streams) else by_poll
    batches = await way(harness, connector, cursor, 3)
    at = batches[-1].cursor
    require(at is not None, "There is no cursor to ask by.")
    assert at is not None
    held = set(await connector.held(at))
    strange = held - keys(batches)
    require(not strange, f"Held, and never handed over: {sorted(strange)}")
    given = {event.key: event for event in events_of(batches)}
    again = await connector.fetch(sorted(given))
    await connector.close()
    require({event.key for event in again} == set(given), "Not all events came once more.")
    for event in again:
        require(event == given[event.key], f"{event.key!r} came again and says something else.")


CHECKS = (
    *(
        Check(
            f"what it holds goes by the keys that were handed over ({name})",
            what_it_holds_goes_by_the_keys_that_were_handed_over,
            (Reconciles, protocol),
        )
        for name, protocol in (("poll", Polls), ("stream", Streams))
    ),
)
