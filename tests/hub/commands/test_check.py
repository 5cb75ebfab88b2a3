"""One command tells what is wrong and how to mend it."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.email.config import EmailConfig, ImapServer, Password, Server
from hub.__main__ import main
from hub.app import Hub
from hub.commands.check import check_database
from hub.commands.domains import NotLookedUp, check_domain
from hub.contract.inbound import WebhookRequest
from hub.model.journal import Outcome
from hub.store import survey
from tests.hub.commands.conftest import Ran, Run, beside
from tests.hubs import Office, connect


def grades(ran: Ran) -> dict[str, str]:
    """The worst grade of each thing that was looked at."""
    found: dict[str, str] = {}
    for row in ran.rows:
        worst = sorted([row["grade"], found.get(row["what"], "ok")], key=["ok", "warn", "fail"].index)[-1]
        found[row["what"]] = worst
    return found


async def test_all_is_well_where_all_is_well(run: Run, office: Office) -> None:
    ran = await beside(run, "check", "--json")
    assert ran.status == 0, ran.out
    assert grades(ran) == dict.fromkeys(
        (
            "settings", "key", "database", "indexes", "clock", "workers", "journal", "arrivals", "outbox",
            "channel Test",
        ),
        "ok",
    )  # fmt: skip
    assert "0 to mend" in (await beside(run, "check")).err


async def test_what_is_wrong_comes_with_what_to_do(run: Run, office: Office) -> None:
    office.platform.token = "changed"
    ran = await beside(run, "check", "--json")
    assert ran.status == 1
    assert grades(ran)["channel Test"] == "fail"
    failed = [row for row in ran.rows if row["grade"] == "fail"]
    assert all("refuses the token" in row["words"] for row in failed)
    assert all(row["advice"] for row in failed)


async def test_a_database_without_change_streams_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def alone(database: object) -> survey.Server:
        return survey.Server(
            "MongoDB 8.0.4", embedded=False, replica_set=None, sharded=False, ahead=timedelta()
        )

    monkeypatch.setattr("hub.commands.check.describe_server", alone)
    (found,) = [each for each in await check_database(hub) if each.grade == "fail"]
    assert found.words.startswith("MongoDB 8.0.4 is no replica set")
    assert "rs.initiate()" in found.advice


async def test_what_waits_without_a_worker_and_what_gave_up_is_told(run: Run, hub: Hub) -> None:
    journal, long_ago = hub.store.journal, hub.clock() - timedelta(hours=3)
    request = WebhookRequest("POST", "https://hub.example/hooks/x", {}, {}, b"{}")
    await journal.add_arrival("channel", request, long_ago)
    broken = await journal.add_arrival("channel", request, long_ago)
    await journal.finish_arrival(broken, Outcome.FAILED, long_ago, words="unreadable")
    ran = await beside(run, "check", "--json")
    found = grades(ran)
    assert (found["workers"], found["arrivals"]) == ("fail", "fail")
    assert (found["agents"], found["channels"]) == ("warn", "warn")
    words = " ".join(row["words"] for row in ran.rows)
    assert "the oldest for 3 hours" in words
    assert "1 gave up" in words


async def test_a_key_that_others_may_read_is_told(run: Run, hub: Hub) -> None:
    hub.settings.key_file.chmod(0o644)
    ran = await beside(run, "check")
    assert ran.status == 1
    assert "chmod 600" in ran.out


async def test_webhooks_need_an_address(run: Run, office: Office) -> None:
    config = office.hub.registry.build(office.channel).config
    hooked = config.model_copy(update={"way": "webhook", "webhook_secret": SecretStr("s")})
    await connect(office.hub, "simulator", hooked, name="Hooked", paused=True)
    ran = await beside(run, "check", "--json", "--offline")
    assert grades(ran)["webhooks"] == "fail"
    assert grades(ran)["channel Hooked"] == "warn"


async def test_a_mailbox_is_signed_in_to_and_its_domain_looked_up(run: Run, hub: Hub) -> None:
    nowhere = {"host": "127.0.0.1", "port": 9, "security": "none"}
    config = EmailConfig(
        address="help@hubbub-check.localdomain",
        imap=ImapServer.model_validate(nowhere),
        smtp=Server.model_validate(nowhere),
        auth=Password(password=SecretStr("x")),
        signing_key=SecretStr("0123456789abcdef"),
    )
    await connect(hub, "email", config, name="Help", account="help@hubbub-check.localdomain")
    ran = await beside(run, "check", "--json")
    assert ran.status == 1
    found = grades(ran)
    assert found["channel Help"] == "fail"
    assert {"MX", "SPF", "DKIM", "DMARC"} <= {what.split()[0] for what in found}


def test_settings_that_cannot_be_read_are_the_first_thing_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "hubbub.toml"
    file.write_text("[web]\nport = 'many'\n", encoding="utf-8")
    assert main(["check", "--config", str(file)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("fail  settings: web.port")


def test_a_database_that_is_away_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HUBBUB_MONGO__URL", "mongodb://127.0.0.1:9/")
    monkeypatch.setenv("HUBBUB_DATA__FOLDER", str(tmp_path))
    assert main(["check"]) == 1
    assert "fail  database: " in capsys.readouterr().out


# The domain that customers answer to.


class Zone:
    """What a name server would say. A name that is not in it does not exist."""

    def __init__(self, records: Mapping[str, list[str]], *, dead: bool = False) -> None:
        self.records = records
        self.dead = dead

    async def look(self, name: str, kind: str) -> list[str] | None:
        if self.dead:
            raise NotLookedUp("no name server answered")
        found = self.records.get(f"{kind} {name}")
        if found is None:
            return [] if any(each.partition(" ")[2].endswith(name) for each in self.records) else None
        return found


GOOD = {
    "MX shop.test": ["10 mx.provider.test."],
    "TXT shop.test": ["other=1", "v=spf1 include:provider.test ~all"],
    "TXT selector1._domainkey.shop.test": ["v=DKIM1; k=rsa; p=MIIB"],
    "TXT _dmarc.shop.test": ["v=DMARC1; p=none"],
}


async def judged(records: Mapping[str, list[str]], domain: str = "shop.test") -> dict[str, str]:
    found = await check_domain(domain, Zone(records).look)
    return {finding.what.split()[0]: str(finding.grade) for finding in found}


async def test_a_domain_in_order_is_fine() -> None:
    assert await judged(GOOD) == dict.fromkeys(("MX", "SPF", "DKIM", "DMARC"), "ok")


async def test_a_subdomain_stands_under_the_policy_of_its_organisation() -> None:
    records = GOOD | {"MX help.shop.test": ["10 mx.provider.test."]}
    assert (await judged(records, "help.shop.test"))["DMARC"] == "ok"


@pytest.mark.parametrize(
    ("changed", "what", "grade"),
    [
        ({"MX shop.test": ["0 ."]}, "MX", "fail"),
        ({"MX shop.test": []}, "MX", "fail"),
        ({"MX shop.test": [], "A shop.test": ["192.0.2.1"]}, "MX", "warn"),
        ({"TXT shop.test": ["other=1"]}, "SPF", "fail"),
        ({"TXT shop.test": ["v=spf1 a ~all", "v=spf1 mx ~all"]}, "SPF", "fail"),
        ({"TXT shop.test": ["v=spf1 +all"]}, "SPF", "warn"),
        ({"TXT selector1._domainkey.shop.test": ["v=DKIM1; p="]}, "DKIM", "warn"),
        ({"TXT _dmarc.shop.test": []}, "DMARC", "warn"),
    ],
)
async def test_what_is_missing_in_a_domain_is_told(
    changed: dict[str, list[str]], what: str, grade: str
) -> None:
    assert (await judged(GOOD | changed))[what] == grade


async def test_a_domain_that_does_not_exist_cannot_be_answered_to() -> None:
    found = await judged({})
    assert (found["MX"], found["SPF"]) == ("fail", "fail")


async def test_a_dead_name_server_is_no_crash() -> None:
    found = await check_domain("shop.test", Zone({}, dead=True).look)
    assert {str(each.grade) for each in found} == {"warn"}
    assert all("could not be looked up" in each.words for each in found)
