"""An admin makes a rule on its page, and it decides about what comes in."""

from playwright.async_api import Page, expect

from hub.desk.rules import list_rules
from hub.desk.teams import add_team
from hub.model.inbox import Conversation, Priority
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive


async def test_a_rule_is_made_read_as_a_sentence_and_obeyed(new_window: NewWindow, site: Site) -> None:
    team = await add_team(site.pages.desk, site.ana, "Returns")
    window = await new_window()
    window.expected.append("422")  # a rule with a team that is not there
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/rules")
    await expect(page.get_by_text("There is no rule yet.")).to_be_visible()
    await page.get_by_role("link", name="New rule").click()
    await page.get_by_label("Name").fill("Refunds are urgent")
    await ask_for_a_group(page)
    await page.get_by_label("Condition 1: about what").select_option("What was written")
    await page.get_by_label("Condition 1: how it compares").select_option("has the word")
    await page.get_by_label("Condition 1: with what").fill("refund, Erstattung")
    await page.get_by_label("Action 1: what", exact=True).select_option("Give it to the team")
    await be_refused(page)
    await page.get_by_label("Action 1: with what").fill("returns")
    await page.get_by_label("Action 2: what", exact=True).select_option("Set the priority")
    await page.get_by_label("Action 2: with what").fill("high")
    await page.get_by_role("button", name="Save").click()
    sentence = (
        "A conversation begins, and What was written has the word “refund” or “Erstattung” "
        "and (not (Tag is “done”)): Give it to the team “Returns”, Set the priority “High”."
    )
    await expect(page.get_by_text(sentence)).to_be_visible()
    assert await window.findings() == []
    (rule,) = await list_rules(site.pages.desk, site.ana)
    assert rule.then[0].value == team.id
    await keep_with_enter(window, sentence)
    assert await list_rules(site.pages.desk, site.ana) == [rule]
    await page.goto(f"{site.url}/desk/office/teams/{team.id}")
    assert await window.findings() == []
    await page.get_by_label("Who gets one").select_option("By turns")
    await page.get_by_role("button", name="Save how it hands out").click()
    await expect(page.get_by_label("Who gets one")).to_have_value("round_robin")
    conversation = await obeyed(site, team.id)
    await page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    fact = page.locator(".fact", has_text="Given to a team")
    await fact.get_by_text("why").click()
    await expect(fact).to_contain_text("“Refunds are urgent”")


async def be_refused(page: Page) -> None:
    """For a team that is not there; what was filled in stays."""
    await page.get_by_label("Action 1: with what").fill("Nowhere")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("does not exist any more")
    await expect(page.get_by_label("Condition 1: with what")).to_have_value("refund, Erstattung")


async def ask_for_a_group(page: Page) -> None:
    """In a form that is half filled in."""
    await page.get_by_role("button", name="Add a group").click()
    await expect(page.get_by_label("Name")).to_have_value("Refunds are urgent")
    await page.get_by_label("Group 1: what has to be so").select_option("none of these")
    await page.get_by_label("Condition 1, 1: about what").select_option("Tag")
    await page.get_by_label("Condition 1, 1: with what").fill("done")
    await page.get_by_role("button", name="Add a group in group 1").click()  # and nothing is put into it


async def keep_with_enter(window: Window, sentence: str) -> None:
    page = window.page
    await page.get_by_role("link", name="Refunds are urgent").click()
    await expect(page.get_by_label("Condition 1, 1: with what")).to_have_value("done")
    assert await window.findings() == []
    await page.get_by_label("Name").press("Enter")  # saves, and asks for no group
    await expect(page.get_by_text(sentence)).to_be_visible()


async def obeyed(site: Site, team: str) -> str:
    """A conversation about which the rule has decided."""
    conversation = await arrive(site, "I want a refund, please")

    async def decided() -> Conversation | None:
        found = await site.pages.desk.store.inbox.find_conversation(conversation)
        return found if found and found.team else None

    found = await until(decided, "the rule to decide")
    assert (found.team, found.priority) == (team, Priority.HIGH)
    return conversation
