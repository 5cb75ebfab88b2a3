"""An admin tries a rule that is off on the last days, and sees what it would have done."""

from playwright.async_api import expect

from hub.desk.rules import Drawn, add_rule
from hub.desk.teams import add_team
from hub.model.rules import Action, Condition, Do, Group, Join, Test, Trigger
from tests.inbox_ui.conftest import NewWindow, Site
from tests.inbox_ui.test_a_day import arrive


async def test_a_rule_that_is_off_is_tried_on_the_last_days(new_window: NewWindow, site: Site) -> None:
    desk = site.pages.desk
    team = await add_team(desk, site.ana, "Returns")
    drawn = Drawn(
        name="Refunds",
        on=(Trigger.ARRIVED,),
        when=Group(Join.ALL, (Condition("words", Test.WORD, ("refund",)),)),
        then=(Action(Do.TEAM, team.id),),
        enabled=False,
    )
    await add_rule(desk, site.ana, drawn)
    window = await new_window()
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/rules/rehearsal?days=30")
    await expect(page.get_by_text("Nothing came in during these days")).to_be_visible()
    conversation = await arrive(site, "I want a refund")
    await page.goto(f"{site.url}/desk/office/rules")
    await page.get_by_role("link", name="Try Refunds on the last 7 days").click()
    await expect(page.get_by_text("1 of them would have gone elsewhere.")).to_be_visible()
    table = page.get_by_role("region", name="What would have gone elsewhere")
    await expect(table).to_contain_text("“Refunds”")
    await expect(table.get_by_role("row").nth(1).get_by_role("cell").nth(2)).to_contain_text("Returns")
    assert await window.findings() == []

    await page.get_by_label("As if this rule were on, too").select_option("Only the rules that are on")
    await page.get_by_role("button", name="Try").click()
    await expect(page.get_by_text("None of them would have gone elsewhere.")).to_be_visible()
    found = await site.office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    assert found.team is None
