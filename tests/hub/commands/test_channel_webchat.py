"""A web chat from the command line: its steps, its tag, and a look at the site it is to stand on."""

import asyncio
import sys

import pytest

from connectors.webchat.config import WebchatConfig
from hub.__main__ import main
from hub.app import Hub
from tests.connectors.webchat.test_site import opened
from tests.hub.commands.conftest import Run, beside
from tests.hub.commands.test_channel import Terminal

PRIVATE = "is an address inside a private network: Hubbub does not look there."


async def test_a_web_chat_is_added_at_a_terminal_and_its_site_looked_at(
    run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the guarded client; what is wrong with a page is in tests/connectors/webchat/test_site.py."""
    async with opened() as shop:
        given = ("--set", f"origins={shop.url}", "--set", "title=Linden Goods")

        def typed() -> int:
            # Greeting, colour, what is asked first, hours, zone; then the look at the site, and not again.
            monkeypatch.setattr(sys, "stdin", Terminal("\n\nname, email*\n\n\ny\nn\n"))
            return main(["channel", "add", "webchat", *given])

        assert await asyncio.to_thread(typed) == 0
        said = capsys.readouterr()
        assert f"✗ {shop.url} {PRIVATE}" in said.err
        [kept] = await hub.store.channels.list_channels()
        config = hub.registry.build(kept).config
        assert isinstance(config, WebchatConfig)
        assert [(each.key, each.required) for each in config.form] == [("name", False), ("email", True)]
        assert f"/chat/{kept.id}/widget.js" in said.err + said.out
        tested = await beside(run, "channel", "test", kept.name)
    assert (tested.status, PRIVATE in tested.err) == (1, True)
