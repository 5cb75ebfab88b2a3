"""A bot is connected from the terminal, step by step, and set otherwise later."""

import asyncio
import sys

import pytest

from connectors.telegram.config import TelegramConfig
from hub.__main__ import main
from hub.app import Hub
from tests.connectors.telegram.bot_api import TOKEN, serving
from tests.hub.commands.conftest import Run
from tests.hub.commands.test_channel import Terminal


async def test_telegrams_steps_are_gone_through_and_what_was_chosen_can_be_changed(
    run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Long because a process of its own for each step would be dear."""
    with serving() as api:
        waiting = api.write("Hello")  # for the last step, and then for the channel
        given = ("--set", f"api={api.base}", "--name", "Bot")

        def typed() -> int:
            monkeypatch.setattr(sys, "stdin", Terminal("\n".join(("4711:wrong", "y", TOKEN, "y")) + "\n"))
            monkeypatch.setattr(
                "click.termui.hidden_prompt_func", lambda prompt: sys.stdin.readline().rstrip("\n")
            )
            return main(["channel", "add", "telegram", *given])

        status = await asyncio.to_thread(typed)
        said = capsys.readouterr()
        assert status == 0, said.err
        assert "Step 1 of 4: Make a bot" in said.err
        assert "Telegram refuses the bot's token" in said.err
        assert "✓ The token works. The bot is called Hubbub Support: https://t.me/hubbub_bot" in said.err
        assert "✓ Ana Sousa has written to it." in said.err
        assert api.updates == [waiting]
        assert TOKEN not in said.out + said.err

        shown = await asyncio.to_thread(run, "channel", "settings", "Bot", "--json")
        assert {each["name"]: each["value"] for each in shown.rows} == {
            "way": "poll",
            "groups": "addressed",
            "start_field": "",
            "api": api.base,
        }
        changes = ("--set", "groups=all", "--set", "start_field=campaign")
        changed = await asyncio.to_thread(run, "channel", "settings", "Bot", *changes, "--json")
        assert changed.row["changed"] == ["groups", "start_field"]
        for wrong in ("groups=some", "colour=red", "api=http://127.0.0.1:9"):
            refused = await asyncio.to_thread(run, "channel", "settings", "Bot", "--set", wrong)
            assert refused.status != 0, refused.out
    [kept] = await hub.store.channels.list_channels()
    config = hub.registry.build(kept).config
    assert isinstance(config, TelegramConfig)
    assert (config.groups, config.start_field, config.username) == ("all", "campaign", "hubbub_bot")
    assert kept.settings_version == 1
