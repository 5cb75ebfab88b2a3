"""The conversation and its customer on the page: merged, split, deleted, begun, known."""

import re

import pytest
from playwright.async_api import expect

from connectors.simulator.troubles import Trouble
from hub.desk.fields import save_field
from hub.desk.joining import merge
from hub.model.fields import FieldKind, FieldOn
from hub.model.inbox import Status
from tests.hubs import until
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.test_a_day import arrive

MAIL = pytest.mark.parametrize("imitates", ["email"])


async def test_what_is_known_of_a_customer_is_written_where_it_stands(desk: Window, site: Site) -> None:
    await save_field(site.pages.desk, site.ana, FieldOn.CUSTOMER, "paid", "Paid", kind=FieldKind.NUMBER)
    await save_field(
        site.pages.desk, site.ana, FieldOn.CONVERSATION, "cause", "Cause",
        kind=FieldKind.CHOICE, choices=["Parcel", "Bill"], required=True,
    )  # fmt: skip
    conversation = await arrive(site)
    await desk.open("Tomás")
    page = desk.page
    await page.fill("[data-key=customer-note]", "Rings twice.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#say")).to_contain_text("Saved")
    await page.fill("#field-customer-paid", "12,5")
    await page.keyboard.press("Enter")
    await expect(page.locator("#field-customer-paid")).to_have_value("12.5")
    await page.locator("#talk").focus()
    await page.keyboard.press("z")
    await expect(page.locator("#field-customer-paid")).to_have_value("")
    await page.keyboard.press("e")
    await expect(page.locator("#say")).to_contain_text("Cause")
    desk.said.clear()  # the browser notes the 409
    await page.select_option("#field-conversation-cause", "Bill")
    await expect(page.locator("#timeline .fact").last).to_contain_text("Bill")
    await page.locator("#talk").focus()
    await page.keyboard.press("e")
    await expect(page.locator("#rows > li")).to_have_count(0)
    store = site.office.hub.store
    found = await store.inbox.find_conversation(conversation)
    assert found is not None
    assert (found.status, found.fields) == (Status.RESOLVED, {"cause": "Bill"})
    customer = (await store.people.find_customers([found.customer]))[found.customer]
    assert customer.note == "Rings twice."


async def test_a_customer_is_given_another_name_and_zone(desk: Window, site: Site) -> None:
    await arrive(site)
    await desk.open("Tomás")
    page = desk.page
    await page.click(".who summary")
    await page.fill("[data-key=customer-name]", "Tomás B.")
    await page.fill("[name=zone]", "America/Lima")
    assert await desk.findings() == []
    await page.keyboard.press("Enter")
    await expect(page.locator("#rows .who")).to_have_text("Tomás B.")
    await expect(page.locator(".person .named small")).to_contain_text("there")


@MAIL
async def test_two_conversations_are_merged_by_keyboard_and_put_back_from_the_timeline(
    desk: Window, site: Site
) -> None:
    page, office = desk.page, site.office
    first = await arrive(site)
    office.platform.write(office.world.person("tomás"), "Another matter")
    await expect(page.locator("#rows > li")).to_have_count(2)
    second = (await office.conversation(2)).id
    await page.click(f"#row-{first} a")
    await page.wait_for_selector(f"#talk[data-id='{first}']")
    await page.keyboard.press("m")
    await expect(page.locator("#task .choose label")).to_have_count(1)
    await page.click("#task .button.main")
    await expect(page.locator("#timeline")).to_contain_text("Another matter")
    await expect(page.locator("#rows > li")).to_have_count(1)
    await page.goto(f"{site.url}/desk/inbox/open/{second}")
    await expect(page.locator("#talk .moved")).to_be_visible()
    await expect(page.locator("#talk")).to_have_attribute("data-id", first)
    await page.click("#timeline .fact button:has-text('Undo')")
    await expect(page.locator("#rows > li")).to_have_count(2)
    await expect(page.locator("#timeline .theirs")).to_have_count(1)


@MAIL
async def test_a_part_is_split_off_by_keyboard_and_z_brings_it_back(desk: Window, site: Site) -> None:
    page, office = desk.page, site.office
    first = await arrive(site)
    office.platform.write(office.world.person("tomás"), "Another matter")
    second = (await office.conversation(2)).id
    await merge(site.pages.desk, site.ana, first, [second])
    await page.click(f"#row-{first} a")
    await page.wait_for_selector(f"#talk[data-id='{first}']")
    await page.keyboard.press(".")
    await page.click("text=Split off a part …")
    await page.click("#task .choose label:has-text('Another matter')")
    await page.click("#task .button.main")
    await expect(page.locator("#rows > li")).to_have_count(2)
    await expect(page.locator("#talk")).not_to_have_attribute("data-id", first)
    await expect(page.locator("#timeline .theirs .text")).to_have_text("Another matter")
    await page.keyboard.press("z")
    await expect(page.locator("#rows > li")).to_have_count(1)


async def test_it_is_assigned_by_typing_a_name_and_z_takes_it_back(desk: Window, site: Site) -> None:
    await arrive(site)
    await desk.open("Tomás")
    page = desk.page
    await page.keyboard.press("a")
    await expect(page.locator("#assign-menu")).to_be_visible()
    await page.keyboard.press("o")
    await page.keyboard.press("Enter")
    await expect(page.locator("#head .whose")).to_have_text("Ben Okafor")
    await page.keyboard.press("z")
    await expect(page.locator("#head .whose")).to_have_text("Unassigned")


async def test_deleting_asks_first_and_says_what_is_kept(desk: Window, site: Site) -> None:
    conversation = await arrive(site)
    await desk.open("Tomás")
    await desk.page.keyboard.press(".")
    await desk.page.click("#more-menu >> text=Delete …")
    await expect(desk.page.locator("#task")).to_contain_text("The audit log keeps")
    assert await desk.findings() == []
    await desk.page.click("#task .button.danger")
    await expect(desk.page.locator("#rows > li")).to_have_count(0)
    assert await site.office.hub.store.inbox.find_conversation(conversation) is None


@MAIL
async def test_somebody_is_written_to_first(desk: Window, site: Site) -> None:
    page, platform = desk.page, site.office.platform
    await arrive(site)
    eva = platform.name_of(site.office.world.person("eva", name="Eva"))
    await page.keyboard.press("c")
    await expect(page.locator("#task [name=to]")).to_be_focused()
    await page.fill("#task [name=to]", eva)
    await page.fill("#task textarea", "Your parcel has come back.")
    assert await desk.findings() == []
    files = [{"name": "label.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 one"}]
    await page.set_input_files("#task [data-files]", files)  # type: ignore[arg-type]  # plain dicts will do
    await expect(page.locator("#task .attached [data-reference]")).to_contain_text("label.pdf")
    await page.keyboard.press("Escape")
    await page.reload()
    await page.evaluate("localStorage.clear()")  # another browser
    await page.locator("#rows a").first.press("c")
    await expect(page.locator("#task textarea")).to_have_value("Your parcel has come back.")
    await expect(page.locator("#task [name=to]")).to_have_value(eva)
    await expect(page.locator("#task .attached [data-reference]")).to_contain_text("label.pdf")
    await page.focus("#task textarea")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .text")).to_have_text("Your parcel has come back.")

    async def there() -> bool:
        return [file.name for copy in site.office.world.inbox_of("eva") for file in copy.files] == [
            "label.pdf"
        ]

    await until(there)
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await expect(page.locator("#task textarea")).to_have_value("")


@pytest.mark.parametrize("config", [{"finds_sent": False}])
async def test_what_may_have_arrived_is_marked_as_sent_and_a_deleted_message_reads_as_deleted(
    desk: Window, site: Site
) -> None:
    page, platform = desk.page, site.office.platform
    await arrive(site)
    await desk.open("Tomás")
    platform.fail(Trouble.LOST_REQUEST, on="send", calls=1)
    await page.fill("textarea[data-key=reply]", "It is, on Friday.")
    await page.keyboard.press("Control+Enter")
    await page.click(".receipt.unsure button:has-text('It did arrive')")
    await expect(page.locator(".receipt .state")).to_contain_text("Sent")
    await page.click("#timeline .fact button:has-text('Undo')")
    await expect(page.locator(".receipt.unsure")).to_be_visible()
    platform.write(site.office.world.person("tomás"), "Oops", thread="shop-t00001")
    await expect(page.locator("#rows .what")).to_contain_text("Oops")
    platform.delete(list(platform.posts.values())[-1])
    await expect(page.locator("#rows .what")).to_have_text("deleted")


async def test_one_message_is_answered_and_both_sides_see_which(desk: Window, site: Site) -> None:
    conversation = await arrive(site, "Is it red?")
    office, page = site.office, desk.page
    tomas = office.world.person("tomás")
    first = next(iter(office.platform.posts.values()))
    office.platform.write(tomas, "And is it large?", thread=first.thread.key)
    office.platform.write(tomas, "I meant this one", thread=first.thread.key, reply_to=first.id)
    theirs = await office.messages(conversation, 3)
    await desk.open("Tomás")
    quoted = page.locator("#timeline .quoted")
    await expect(quoted).to_have_text(re.compile("Answers Tomás Barreto.*Is it red", re.DOTALL))
    chosen = page.locator("form.reply [data-answers]")
    await page.keyboard.press("q")
    await expect(chosen).to_contain_text("I meant this one")
    for _ in range(2):
        await page.keyboard.press("Escape")
        await page.keyboard.press("q")
    await expect(chosen).to_contain_text("Tomás Barreto: Is it red?")
    await page.keyboard.type("Red")
    await expect(page.locator("form.reply [data-kept]")).to_be_visible()
    await page.reload()  # or another device
    await expect(chosen).to_contain_text("Tomás Barreto: Is it red?")
    await page.click("form.reply [data-answers-off]")
    await expect(chosen).to_be_hidden()
    await page.locator(f"#entry-{theirs[0].id} [data-answer]").focus()
    await page.keyboard.press("Enter")
    await expect(chosen).to_contain_text("Tomás Barreto: Is it red?")
    await page.keyboard.type(" it is")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .quoted")).to_contain_text("Is it red?")
    await expect(page.locator("form.reply [data-answers]")).to_be_hidden()

    async def arrived() -> str | None:
        return next((each.reply_to for each in office.platform.posts.values() if each.author is None), None)

    assert await until(arrived, "the answer to arrive") == first.id
