"""The short storm: after it every mail is one entry in the right conversation, every reply arrived once."""

from pathlib import Path

import pytest

from hub.model.inbox import DeliveryState
from hub.outbox.worker import AT_ONCE
from tests.chaos.letters import Letter
from tests.chaos.storm import Size, Tally, storm
from tests.mailserver import MailServer


@pytest.mark.timeout(600)
async def test_nothing_is_lost_or_doubled_while_processes_die(
    mail_server: MailServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = Size(mails=300, replies=100, worker_kills=5, database_kills=1)
    tally = await storm(size, mail_server, tmp_path)
    with capsys.disabled():
        print(f"\n{tally}")
    assert tally.replies == size.replies
    assert tally.lost == []
    assert tally.doubled == []
    assert tally.misplaced == []
    assert tally.merged == []
    assert tally.conversations == tally.threads
    assert tally.replies_lost == []
    assert tally.replies_doubled == []
    # A kill may leave in the air what its victim was sending just then, and no more.
    assert tally.states[DeliveryState.UNSURE] <= (size.worker_kills + size.database_kills) * AT_ONCE
    assert set(tally.states) <= {DeliveryState.SENT, DeliveryState.UNSURE}
    assert (tally.worker_kills, tally.database_kills) == (size.worker_kills, size.database_kills)


def test_a_mail_in_a_wrong_conversation_is_found_whichever_way_it_went_wrong() -> None:
    first, second, answer = (
        Letter(name, thread, "ana", b"") for name, thread in zip("abc", (0, 1, 0), strict=True)
    )
    sent = [first, second, answer]
    right, torn, merged = Tally(), Tally(), Tally()
    right.count_mails(sent, {"a": ["one"], "b": ["two"], "c": ["one"]})
    assert right.is_clean
    torn.count_mails(sent, {"a": ["one"], "b": ["two"], "c": ["two"]})
    assert (torn.misplaced, torn.merged) == (["0"], ["two"])
    merged.count_mails(sent, {"a": ["one"], "b": ["one"], "c": ["one"]})
    assert (merged.misplaced, merged.merged, merged.is_clean) == ([], ["one"], False)
