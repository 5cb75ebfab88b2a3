"""Channels from the command line: connected only when proven, and obeyed by workers that run."""

import asyncio
import io
import sys

import pytest

from connectors.simulator.world import World
from hub.__main__ import main
from hub.app import Hub
from hub.desk.replying import Draft, reply
from hub.model.channels import Health
from hub.model.inbox import DeliveryState, Message
from tests.hub.commands.conftest import Run, beside
from tests.hubs import Office, until


def answers(world: World, **more: str) -> list[str]:
    given = {"world": world.name, "account": "shop", "way": "stream", **more}
    return [part for name, value in given.items() for part in ("--set", f"{name}={value}")]


async def test_a_channel_is_proven_and_kept_with_its_secrets_sealed(run: Run, hub: Hub, world: World) -> None:
    world.platform("shop").token = "open sesame"
    ran = await beside(run, "channel", "add", "simulator", "--json", *answers(world, token="open sesame"))
    assert ran.status == 0, ran.err
    assert ran.row["name"] == "Shop"
    kept = await hub.store.channels.find(ran.row["id"])
    assert kept is not None
    assert "open sesame" not in str(kept.config)
    assert hub.registry.build(kept).config.token.get_secret_value() == "open sesame"


async def test_a_channel_whose_credentials_are_refused_is_not_kept(run: Run, hub: Hub, world: World) -> None:
    world.platform("shop").token = "open sesame"
    ran = await beside(run, "channel", "add", "simulator", *answers(world, token="wrong"))
    assert ran.status == 1
    assert "refuses the token" in ran.err
    assert await hub.store.channels.list_channels() == []


async def test_a_secret_can_come_from_a_file(
    run: Run, hub: Hub, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world.platform("shop").token = "open sesame"
    file = tmp_path_factory.mktemp("secret") / "token"
    file.write_text("open sesame\n", encoding="utf-8")
    ran = await beside(
        run, "channel", "add", "simulator", *answers(world), "--set-file", f"token={file}", "--name", "Desk"
    )
    assert ran.status == 0, ran.err
    [kept] = await hub.store.channels.list_channels()
    assert kept.name == "Desk"


async def test_an_answer_to_no_question_is_wrong_usage(run: Run, world: World) -> None:
    ran = await beside(run, "channel", "add", "simulator", "--set", "acount=shop")
    assert ran.status == 2
    assert "'account'" in ran.err


async def test_what_must_be_answered_is_named_where_nobody_can_be_asked(run: Run) -> None:
    ran = await beside(run, "channel", "add", "email")
    assert ran.status == 2
    assert "--set address=" in ran.err


async def test_a_platform_typed_wrongly_is_answered_with_the_nearest(run: Run) -> None:
    ran = await beside(run, "channel", "add", "e-mail")
    assert ran.status == 1
    assert "did you mean 'email'" in ran.err


async def test_two_channels_cannot_have_one_name(run: Run, world: World, office: Office) -> None:
    ran = await beside(run, "channel", "add", "simulator", *answers(world), "--name", "test")
    assert ran.status == 1
    assert "already" in ran.err


async def test_a_channel_added_beside_a_running_hub_is_taken_up_at_once(
    run: Run, office: Office, world: World
) -> None:
    ran = await beside(run, "channel", "add", "simulator", "--json", *answers(world, account="second"))

    async def connected() -> bool:
        found = await office.hub.store.channels.find(ran.row["id"])
        return found is not None and found.health is Health.CONNECTED

    await until(connected)


async def test_a_test_says_what_works_and_fails_with_what_does_not(run: Run, office: Office) -> None:
    fine = await beside(run, "channel", "test", "test", "--json")
    assert fine.status == 0, fine.err
    assert fine.row["steps"] == ["Connected as Shop."]
    office.platform.token = "changed"
    broken = await beside(run, "channel", "test", "Test")
    assert broken.status == 1
    assert "refuses the token" in broken.err


async def test_a_channel_typed_wrongly_is_answered_with_the_nearest(run: Run, office: Office) -> None:
    ran = await beside(run, "channel", "test", "Tset")
    assert ran.status == 1
    assert "did you mean 'Test'" in ran.err


async def test_numbers_without_a_prefix_are_of_the_country_a_channel_is_told(
    run: Run, office: Office
) -> None:
    ran = await beside(run, "channel", "change", "Test", "--country", "de", "--json")
    assert (ran.status, ran.row["country"]) == (0, "DE"), ran.err
    ran = await beside(run, "channel", "change", "Test", "--country", "Germany")
    assert "written like DE" in ran.err
    office.platform.write(office.world.person("tomas", phone="0170 1234567"), "Hello?")
    conversation = await office.conversation()
    (identity,) = await office.hub.store.people.identities_of(conversation.customer)
    assert identity.phone == "+491701234567"


async def is_let_go(office: Office) -> bool:
    """Its worker has seen that it is paused."""
    found = await office.hub.store.channels.find(office.channel.id)
    return found is not None and found.lease is not None and found.lease.until <= office.hub.clock()


async def test_a_paused_channel_sends_nothing_until_it_is_resumed(run: Run, office: Office) -> None:
    tomas = office.world.person("tomas")
    office.platform.write(tomas, "Hello?")
    conversation = await office.conversation()
    paused = await beside(run, "channel", "pause", "Test", "--json")
    assert paused.row["state"] == "paused"
    await until(lambda: is_let_go(office))
    await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Hello!"))
    assert office.world.inbox_of("tomas") == ()
    await beside(run, "channel", "resume", "Test")

    async def arrived() -> bool:
        return bool(office.world.inbox_of("tomas"))

    await until(arrived)


async def test_a_channel_broken_by_its_credentials_starts_anew_when_resumed(run: Run, office: Office) -> None:
    office.platform.token = "changed"
    await beside(run, "channel", "pause", "Test")
    await beside(run, "channel", "resume", "Test")

    async def is_in(health: Health) -> bool:
        found = await office.hub.store.channels.find(office.channel.id)
        return found is not None and found.health is health

    await until(lambda: is_in(Health.BROKEN))

    async def asked(times: int) -> bool:
        return len(await office.hub.store.notices.open_of("ana")) == times

    await until(lambda: asked(1))
    await beside(run, "channel", "resume", "Test")
    await until(lambda: is_in(Health.BROKEN))
    await until(lambda: asked(1))  # once, however often it is tried
    office.platform.token = None
    await beside(run, "channel", "resume", "Test")
    await until(lambda: is_in(Health.CONNECTED))


async def test_a_removed_channel_is_gone_and_what_it_had_to_send_has_failed(run: Run, office: Office) -> None:
    tomas = office.world.person("tomas")
    office.platform.write(tomas, "Hello?")
    conversation = await office.conversation()
    await beside(run, "channel", "pause", "Test")
    await until(lambda: is_let_go(office))
    sent = await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Hello!"))
    asked = await beside(run, "channel", "remove", "Test", typed="n\n")
    assert asked.status == 1
    removed = await beside(run, "channel", "remove", "Test", "--yes", "--json")
    assert removed.row["failed_deliveries"] == 1
    assert (await beside(run, "channel", "list", "--json")).rows == []
    entry = await office.hub.store.inbox.find_entry(sent.id)
    assert isinstance(entry, Message)
    assert entry.delivery is not None
    assert entry.delivery.state is DeliveryState.FAILED
    assert await office.hub.store.inbox.find_conversation(conversation.id) is not None


class Terminal(io.StringIO):
    """Somebody types."""

    def isatty(self) -> bool:
        return True


async def test_somebody_at_a_terminal_is_asked_what_was_not_given(
    run: Run, hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--set", "token=any", "--set", "webhook_secret=")

    def typed() -> int:
        monkeypatch.setattr(sys, "stdin", Terminal(f"{world.name}\nshop\nemial\nemail\n\n"))
        return main(["channel", "add", "simulator", *given])

    assert await asyncio.to_thread(typed) == 0
    said = capsys.readouterr()
    assert "Who we are in that world." in said.err
    assert "Connected Shop" in said.out
    [kept] = await hub.store.channels.list_channels()
    assert hub.registry.build(kept).config.imitates == "email"
    assert "Step 1 of 3: Choose whom to be" in said.err
    assert "✓ The token works: we are Shop." in said.err


async def test_a_step_that_fails_says_why_and_is_tried_again(
    run: Run, hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.platform("shop").token = "open sesame"
    given = ("--set", f"world={world.name}", "--set", "account=shop")

    def typed() -> int:
        monkeypatch.setattr(
            sys, "stdin", Terminal("messenger\nwrong\ny\nopen sesame\nwebhook\n\ny\npoll\n\n")
        )
        monkeypatch.setattr(
            "click.termui.hidden_prompt_func", lambda prompt: sys.stdin.readline().rstrip("\n")
        )
        return main(["channel", "add", "simulator", *given])

    assert await asyncio.to_thread(typed) == 0
    said = capsys.readouterr().err
    assert "✗ The simulated platform refuses the token." in said
    assert "✗ Webhooks are signed" in said
    [kept] = await hub.store.channels.list_channels()
    assert hub.registry.build(kept).config.way == "poll"
