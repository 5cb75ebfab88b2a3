"""A decision that was wrong is corrected on the timeline, and becomes a rule if somebody wants that."""

from playwright.async_api import expect

from hub.desk.rules import Drawn, add_rule, list_rules
from hub.desk.teams import add_team
from hub.model.inbox import Conversation
from hub.model.rules import Action, Condition, Do, Group, Join, Trigger
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site
from tests.inbox_ui.test_a_day import arrive


async def decided(site: Site) -> str:
    """A rule gives all to one team. Returns a conversation that it was given."""
    desk = site.pages.desk
    team = await add_team(desk, site.ana, "Sales")
    when, then = Group(Join.ALL, ()), (Action(Do.TEAM, team.id),)
    await add_rule(desk, site.ana, Drawn(name="All to sales", on=(Trigger.ARRIVED,), when=when, then=then))
    conversation = await arrive(site, "My parcel is broken")

    async def given() -> Conversation | None:
        found = await desk.store.inbox.find_conversation(conversation)
        return found if found and found.team == team.id else None

    await until(given, "the rule to decide")
    return conversation


async def test_a_wrong_decision_is_corrected_and_kept_as_a_rule(new_window: NewWindow, site: Site) -> None:
    desk = site.pages.desk
    conversation = await decided(site)
    support = await add_team(desk, site.ana, "Support")
    window = await new_window()
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await page.locator(".fact", has_text="Given to a team").get_by_role("link", name="Correct this").click()
    await expect(page.get_by_role("heading", name="Who should have had it?")).to_be_visible()
    await page.get_by_label("Team", exact=True).select_option("Support")
    assert await window.findings("#task") == []
    await page.get_by_role("button", name="Correct this").click()
    offered = page.locator(".offered")
    await expect(offered).to_contain_text("Give it to the team “Support”")
    await expect(offered).to_contain_text("A conversation begins, and")
    assert await window.findings("#task") == []
    await page.get_by_role("button", name="Keep the rule").click()
    await expect(page.get_by_role("heading", name="Corrected. Always so from now on?")).to_have_count(0)
    await expect(page.locator(".fact", has_text="Support")).to_be_visible()
    found = await desk.store.inbox.find_conversation(conversation)
    assert found is not None
    assert found.team == support.id
    (decision,) = await desk.store.rules.decisions_of(conversation)
    assert decision.corrected_by == site.ana.id
    kept = await list_rules(desk, site.ana)
    assert [each.then for each in kept[1:]] == [(Action(Do.TEAM, support.id),)]
    (asked,) = kept[1].when.parts
    assert isinstance(asked, Condition)
    assert asked.fact == "sender"  # of a free mail provider nothing else is known


async def test_without_scripts_it_is_asked_and_offered_on_pages(new_window: NewWindow, site: Site) -> None:
    desk = site.pages.desk
    conversation = await decided(site)
    window = await new_window(scripts=False)
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await page.get_by_role("link", name="Correct this").click()
    await page.get_by_label("Agent", exact=True).select_option("Ana")
    await page.get_by_role("button", name="Correct this").click()
    await expect(page.locator(".offered")).to_be_visible()
    await page.get_by_role("button", name="Only this once").click()
    await expect(page).to_have_url(f"{site.url}/desk/inbox/open/{conversation}")
    found = await desk.store.inbox.find_conversation(conversation)
    assert found is not None
    assert found.agent == site.ana.id
    assert len(await list_rules(desk, site.ana)) == 1
