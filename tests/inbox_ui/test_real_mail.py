"""A real mail on the page: out of Dovecot into the list, answered there, back in the customer's mailbox."""

import email

from playwright.async_api import expect

from tests.hubs import connect
from tests.inbox_ui.conftest import Site, Window
from tests.mailbox import email_config
from tests.mailserver import MailServer, a_mail


async def test_a_mail_appears_by_itself_its_answer_reaches_the_customer_and_theirs_the_open_page(
    desk: Window, site: Site, mail_server: MailServer
) -> None:
    page, office = desk.page, site.office
    box, customer = mail_server.account("box"), mail_server.account("customer", "example.test")
    await connect(office.hub, "email", email_config(mail_server, box, start="unread"), "Support")
    assert office.running.supervisor is not None
    office.running.supervisor.changed.set()
    usual = {"From": f"Carla <{customer.address}>", "To": box.address, "Subject": "Order 1042"}
    first = {**usual, "Message-ID": "<first@example.test>"}
    mail_server.submit(customer, [box.address], a_mail("Where is my tent?", first))
    await expect(page.locator("#rows a")).to_contain_text("Order 1042", timeout=20_000)
    await desk.open("Carla")
    await expect(page.locator("#timeline .theirs")).to_contain_text("Where is my tent?")
    await page.keyboard.press("r")
    await page.keyboard.type("On its way.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .text")).to_have_text("On its way.")
    [raw] = await customer.wait_for(1)
    answer = email.message_from_bytes(raw)
    assert (answer["Subject"], answer["In-Reply-To"]) == ("Re: Order 1042", "<first@example.test>")
    next_one = {**usual, "Subject": "Re: Order 1042", "In-Reply-To": answer["Message-ID"]}
    mail_server.submit(customer, [box.address], a_mail("Thank you!", next_one))
    await expect(page.locator("#timeline .theirs").last).to_contain_text("Thank you!", timeout=20_000)
    await expect(page.locator("#rows > li")).to_have_count(1)
