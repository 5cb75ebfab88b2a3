"""The whole storm: 2,000 mails, 500 replies, 20 dead workers, 5 dead databases; tallied in RESULTS.md."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.machine import describe
from tests.benchmarks.report import Section, keep
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
    keep(Section("storm", "A storm of mails while processes are killed", words=f"{tally}.\n"), describe())
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
