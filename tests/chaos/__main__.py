"""The whole storm, for an evening: 2,000 mails, 500 replies, 20 dead workers, 5 dead databases."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.storm import Size, storm
from tests.mailserver import MailServer

WHOLE = Size(mails=2000, replies=500, worker_kills=20, database_kills=5)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hubbub-storm-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "mail").mkdir()
        Path(folder).chmod(0o755)
        server = MailServer(Path(folder) / "mail")
        server.start()
        try:
            tally = asyncio.run(storm(WHOLE, server, Path(folder)))
        finally:
            server.stop()
    print(tally)
    wrong = (tally.lost, tally.doubled, tally.misplaced, tally.replies_lost, tally.replies_doubled)
    return 1 if any(wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
