"""A Slack app is connected from the terminal, step by step, against a Slack of our own."""

import asyncio
import sys

import pytest

from hub.__main__ import main
from hub.app import Hub
from tests.connectors.slack.slack_api import serving
from tests.connectors.slack.wire import APP_TOKEN, TOKEN
from tests.hub.commands.conftest import Run
from tests.hub.commands.test_channel import Terminal


async def test_slacks_steps_are_gone_through_and_a_wrong_token_is_told_in_its_word(
    run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUBBUB_MEDIA__FETCH_PRIVATE_ADDRESSES", "true")  # where our Slack is
    with serving() as api:
        api.write("Hello")  # for the last step
        given = ("--set", f"api={api.base}/api/", "--set", "signing_secret=")

        def typed() -> int:
            lines = ("xoxb-wrong", "y", TOKEN, "socket", APP_TOKEN, "addressed", "y")
            monkeypatch.setattr(sys, "stdin", Terminal("\n".join(lines) + "\n"))
            monkeypatch.setattr(
                "click.termui.hidden_prompt_func", lambda prompt: sys.stdin.readline().rstrip("\n")
            )
            return main(["channel", "add", "slack", *given])

        status = await asyncio.to_thread(typed)
        said = capsys.readouterr()
        assert status == 0, said.err
    assert "invalid_auth" in said.err
    assert "✓ The token works. The app is hubbub in the workspace Tent Shop." in said.err
    assert "✓ Somebody has written to it." in said.err
    assert "Connected" in said.out
    [kept] = await hub.store.channels.list_channels()
    assert kept.platform == "slack"
    assert not {TOKEN, APP_TOKEN} & set(str(kept.config).split("'"))
    assert TOKEN not in said.out + said.err
    config = hub.registry.build(kept).config
    assert (config.workspaces[0].token.get_secret_value(), config.way) == (TOKEN, "socket")
