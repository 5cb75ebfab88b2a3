"""The short storm: after it every mail is one entry in the right conversation, every reply arrived once."""

from pathlib import Path

import pytest

from hub.model.inbox import DeliveryState
from hub.outbox.worker import AT_ONCE
from tests.chaos.storm import Size, storm
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
    assert tally.replies_lost == []
    assert tally.replies_doubled == []
    # A kill may leave in the air what its victim was sending just then, and no more.
    assert tally.states[DeliveryState.UNSURE] <= (size.worker_kills + size.database_kills) * AT_ONCE
    assert set(tally.states) <= {DeliveryState.SENT, DeliveryState.UNSURE}
    assert (tally.worker_kills, tally.database_kills) == (size.worker_kills, size.database_kills)
