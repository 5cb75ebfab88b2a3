"""Coming in and going out, in a real browser: password, second factor, links, single sign-on, sessions."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
import pyotp
import pytest
from playwright.async_api import Browser, Page, Request, expect

from hub.auth.first_admin import start_first_admin
from hub.auth.oidc import RETURN_PATH
from hub.auth.oidc_provider import Oidc, Provider
from hub.model.people import Role
from tests.inbox_ui.conftest import PASSWORD, NewWindow, Site
from tests.oidc.real import CLIENT_ID, CLIENT_SECRET, real_provider

NEW_PASSWORD = "five brass kettles"
# All of the QR code is shown, with the margin that cameras need.
INSIDE = """() => {
    const frame = document.querySelector("svg.qr").getBoundingClientRect();
    const code = [...document.querySelectorAll("svg.qr path")].at(-1).getBoundingClientRect();
    return frame.left + 8 < code.left && code.right + 8 < frame.right && code.bottom + 8 < frame.bottom;
}"""


async def give(page: Page, email: str, password: str) -> None:
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", password)
    await page.click("button.main")


async def test_a_wrong_password_is_refused_in_the_readers_words_and_guessing_has_to_wait(
    new_window: NewWindow, site: Site
) -> None:
    window = await new_window(390, 844, scheme="dark", language="de-DE")
    page = window.page
    window.expected.append("403")
    await page.goto(f"{site.url}/desk/sign-in")
    await give(page, site.ana.email, "wrong")
    await expect(page.get_by_role("alert")).to_have_text("Die E-Mail-Adresse oder das Passwort ist falsch.")
    assert await window.findings() == []
    for _ in range(4):
        await give(page, site.ana.email, "wrong")
    await expect(page.get_by_role("alert")).to_contain_text("Der nächste Versuch ist in")
    await give(page, site.ana.email, PASSWORD)
    await expect(page.get_by_role("alert")).to_contain_text("Zu viele Versuche")
    await give(page, site.ben.email, PASSWORD)  # somebody else at the same address does not wait
    await page.wait_for_url("**/desk/inbox/**")


async def test_the_second_factor_is_set_up_asked_for_and_replaced_by_a_recovery_code(
    new_window: NewWindow, site: Site
) -> None:
    window = await new_window()
    page = window.page
    window.expected += ["403", "422"]
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/security")
    await page.fill("[name=factor_password]", PASSWORD)
    await page.click("button:has-text('Set up')")
    await expect(page.locator("svg.qr")).to_be_visible()
    assert await page.evaluate(INSIDE)
    assert await window.findings() == []
    await page.click("summary")
    app = pyotp.TOTP((await page.inner_text("code.secret")).replace(" ", ""))
    await page.fill("[name=code]", "000000")
    await page.click("button:has-text('Turn on')")
    await expect(page.locator("#code-problem")).to_contain_text("The code is wrong")
    await page.fill("[name=code]", app.now())
    await page.click("button:has-text('Turn on')")
    recovery = await page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    await page.goto(f"{site.url}/desk/inbox/open")
    await page.click(".person-button")
    await page.click("button:has-text('Sign out')")
    await page.wait_for_url("**/desk/sign-in")
    await give(page, site.ana.email, PASSWORD)
    await page.fill("[name=code]", "123 456")
    await page.click("button.main")
    await expect(page.get_by_role("alert")).to_contain_text("The code is wrong")
    assert await window.findings() == []
    await page.fill("[name=code]", recovery[0].upper())
    await page.click("button.main")
    await page.wait_for_url("**/desk/inbox/**")
    await page.goto(f"{site.url}/desk/office/security")
    await expect(page.locator("main")).to_contain_text("9 recovery codes are left.")


async def test_a_session_ended_elsewhere_leads_to_the_door(new_window: NewWindow, site: Site) -> None:
    here, there = await new_window(), await new_window()
    for window in (here, there):
        await window.sign_in(site.ana)
    await there.live()
    await here.page.goto(f"{site.url}/desk/office/security")
    sessions = here.page.locator("#sessions li")
    await expect(sessions).to_have_count(2)
    await expect(sessions.first).to_contain_text("this browser")
    await sessions.nth(1).get_by_role("button", name="Sign out").click()
    await there.page.wait_for_url("**/desk/sign-in?to=**")
    await expect(sessions).to_have_count(1)


async def test_somebody_is_invited_comes_in_and_is_kept_out(new_window: NewWindow, site: Site) -> None:
    admin, cleo = await new_window(), await new_window(390, 844, language="de-DE", scheme="dark")
    cleo.expected += ["410", "422"]
    await admin.sign_in(site.ana)
    page = admin.page
    await page.goto(f"{site.url}/desk/office/agents")
    await page.fill("[name=name]", "Cleo")
    await page.fill("[name=email]", "cleo@hub.example")
    await page.select_option("[name=role]", "supervisor")
    await page.click("button:has-text('Make the invitation')")
    link = await page.inner_text("#link")
    assert link.startswith(f"{site.url}/desk/set-password/")
    await cleo.page.goto(link)
    assert await cleo.findings() == []
    for password, refusal in (("short", "mindestens 10 Zeichen"), ("Password123!", "zuerst ausprobiert")):
        await cleo.page.fill("[name=password]", password)
        await cleo.page.click("button.main")
        await expect(cleo.page.get_by_role("alert")).to_contain_text(refusal)
    await cleo.page.fill("[name=password]", NEW_PASSWORD)
    await cleo.page.click("button.main")
    await cleo.page.wait_for_url("**/desk/inbox/**")
    await page.goto(link)  # it has been used: Ana's own browser is shown that
    admin.expected.append("410")
    await expect(page.locator("h1")).to_have_text("This link does not work any more")
    await page.goto(f"{site.url}/desk/office/agents")
    await page.click("a:has-text('Cleo')")
    await page.click("summary:has-text('Keep Cleo out')")
    await page.click("button:has-text('Keep out now')")
    await expect(page.get_by_role("status").first).to_contain_text("Signed out everywhere")
    await cleo.page.wait_for_url("**/desk/sign-in?to=**")
    await page.goto(f"{site.url}/desk/office/agents/{site.ana.id}")
    admin.expected.append("422")
    await page.select_option("[name=role]", "agent")
    await page.click("button:has-text('Save')")
    await expect(page.locator("#role-problem")).to_contain_text("This is the last admin")


async def test_the_first_admin_comes_in_by_the_link_of_the_terminal(
    new_window: NewWindow, site: Site
) -> None:
    await site.auth.store.database.credentials.delete_many({})
    path = await start_first_admin(site.auth)
    window = await new_window(390, 844)
    await window.page.goto(f"{site.url}{path}")
    assert await window.findings() == []
    await window.page.fill("[name=name]", "Dora")
    await window.page.fill("[name=email]", "dora@hub.example")
    await window.page.fill("[name=password]", NEW_PASSWORD)
    await window.page.click("button.main")
    await window.page.wait_for_url("**/desk/inbox/**")
    agent = await site.auth.store.people.find_agent_by_email("dora@hub.example")
    assert agent is not None
    assert agent.role is Role.ADMIN


@pytest.fixture
async def single_sign_on(site: Site) -> AsyncIterator[Site]:
    """The site with a certified provider to sign in at."""
    async with real_provider(site.url + RETURN_PATH) as issuer, aiohttp.ClientSession() as http:
        oidc = Oidc(
            issuer=issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            scopes=("openid", "profile", "email", "groups"),
            roles={"hub-leads": Role.SUPERVISOR, "staff": Role.AGENT},
            create_agents=True,
        )
        object.__setattr__(
            site.pages, "auth", replace(site.auth, provider=Provider(oidc, http, site.auth.clock))
        )
        yield site


def watched(page: Page, site: Site) -> tuple[list[str], set[str]]:
    """What goes wrong on our pages, and whom they ask; what the provider's own pages do is not ours."""
    said: list[str] = []
    asked: set[str] = set()

    def heard(request: Request) -> None:
        if page.url.startswith(site.url):
            asked.add(urlsplit(request.url).hostname or "")

    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.on("request", heard)
    return said, asked


async def test_single_sign_on_lets_in_with_the_role_of_the_groups_and_refuses_in_words(
    browser: Browser, single_sign_on: Site
) -> None:
    site = single_sign_on
    for login, role in (("ben", Role.AGENT), ("mallory", None)):
        context = await browser.new_context(locale="de-DE")
        page = await context.new_page()
        said, asked = watched(page, site)
        await page.goto(f"{site.url}/desk/sign-in")
        await page.click("text=Mit Single Sign-on anmelden")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", "any")
        await page.click("button[type=submit]")
        await page.click("button[type=submit]")  # yes, Hubbub may know
        if role is None:
            await expect(page.get_by_role("alert")).to_contain_text("in keiner der Gruppen")
        else:
            await page.wait_for_url(re.compile(r"/desk/inbox/"))
        await context.close()
        assert said == []
        assert asked <= {"127.0.0.1", "localhost"}  # ours, and the provider's
    ben = await site.auth.store.people.find_agent_by_email("ben@hub.example")
    assert ben is not None
    assert (ben.id, ben.role) == (site.ben.id, Role.AGENT)
