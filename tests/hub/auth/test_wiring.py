"""From the settings to the door: what an admin wrote is what signing in does, and the first run says how."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load_settings
from hub.app import Hub, open_hub
from hub.auth.first_admin import PATH, first_admin_wanted
from hub.commands.running import greet
from hub.model.people import Role
from tests.hub.auth.door import add_agent
from tests.hubs import settings_for

NAME = f"test_{uuid.uuid4().hex[:12]}"
OIDC = {
    "HUBBUB_OIDC__ISSUER": "https://sso.example/realms/main/",
    "HUBBUB_OIDC__CLIENT_SECRET": "a secret",
    "HUBBUB_OIDC__GROUP_ROLES": "cn=leads=supervisor, staff=agent",
    "HUBBUB_SIGN_IN__IDLE_HOURS": "2",
}


async def test_single_sign_on_and_sessions_are_as_the_settings_say(store_uri: str, tmp_path: Path) -> None:
    chosen = load_settings(None, OIDC)
    base = settings_for(store_uri, NAME, tmp_path)
    settings = Settings(**{**dict(base), "oidc": chosen.oidc, "sign_in": chosen.sign_in})
    async with open_hub(settings) as hub:
        assert hub.auth.provider is not None
        oidc = hub.auth.provider.oidc
        assert (oidc.issuer, oidc.client_secret) == ("https://sso.example/realms/main", "a secret")
        assert oidc.roles == {"cn=leads": Role.SUPERVISOR, "staff": Role.AGENT}
        assert hub.auth.idle == timedelta(hours=2)
        await hub.store.database.client.drop_database(NAME)


@pytest.mark.parametrize("wrong", ["leads", "=admin", "leads=owner", "leads="])
def test_a_group_without_a_role_of_ours_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(SettingsError, match="support-leads=supervisor"):
        load_settings(None, {"HUBBUB_OIDC__GROUP_ROLES": wrong})


async def test_without_an_issuer_there_is_no_single_sign_on(hub: Hub) -> None:
    assert hub.auth.provider is None


async def test_the_first_run_prints_a_link_that_works_and_later_ones_do_not(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    await greet(hub, "http://127.0.0.1:8420")
    [line] = [each for each in capsys.readouterr().err.splitlines() if each.startswith("http")]
    assert line.startswith(f"http://127.0.0.1:8420{PATH}")
    assert await first_admin_wanted(hub.auth, line.rpartition("/")[2])
    await add_agent(hub.auth)
    await greet(hub, "http://127.0.0.1:8420")
    await greet(hub, None)  # a worker has no address to print
    assert capsys.readouterr().err == ""
