"""What went wrong, as a German reads it: on a message, on its files, on a channel."""

from playwright.async_api import expect

from hub.desk.replying import Draft, reply
from hub.model.channels import Health
from hub.model.inbox import DeliveryState
from hub.model.sentences import sentence
from inbox_ui.saying import why
from inbox_ui.words import Words
from tests.inbox_ui.conftest import NewWindow, Site
from tests.inbox_ui.test_a_day import arrive
from tests.inbox_ui.test_office import settled


async def test_a_german_reads_in_german_what_went_wrong(new_window: NewWindow, site: Site) -> None:
    conversation, store = await arrive(site), site.office.hub.store
    message = (await site.office.messages(conversation, 1))[0]
    late = {"name": "plan.pdf", "mime": "application/pdf", "refused": sentence("file_late")}
    await store.inbox.set_entry(message.id, {"content.attachments": [late]})
    sent = await reply(site.pages.desk, site.ana, conversation, Draft(text="Yes"))
    await settled(site, sent)
    problem = sentence("given_up", tries=5, hours=1, problem=sentence("platform_silent"))
    await store.deliveries.move(sent, tuple(DeliveryState), DeliveryState.FAILED, also={"problem": problem})
    window = await new_window(language="de-DE", scripts=False)
    await window.sign_in(site.ana)
    page = window.page
    await page.goto(f"{site.url}/desk/conversations/{conversation}")
    await expect(page.locator(".receipt.failed .state")).to_contain_text(
        "Aufgegeben nach 5 Versuchen in 1 Stunden oder mehr: Die Plattform antwortet nicht."
    )
    await expect(page.locator(".file.missing small")).to_have_text(
        "Die Plattform hat es nicht rechtzeitig geliefert."
    )
    channel = f"{site.url}/desk/office/channels/{site.office.channel.id}"
    await page.goto(channel)
    await page.click("[action$='/tests'] button")
    await expect(page.locator(".steps")).to_contain_text("Verbunden als")
    await page.goto(channel)
    await page.fill("[name=name]", "  ")
    await page.click("form.card button.main")
    await expect(page.locator("#name-problem")).to_have_text("Ein Kanal braucht einen Namen.")
    window.said.clear()  # the browser notes the 422
    broken = {"health": Health.BROKEN, "problem": sentence("settings_unreadable"), "removed": False}
    await store.channels.change(site.office.channel.id, broken)
    for path in ("", f"/{site.office.channel.id}"):
        await page.goto(f"{site.url}/desk/office/channels{path}")
        await expect(page.locator("main")).to_contain_text("Seine Einstellungen können nicht mehr gelesen")


def test_what_a_stranger_says_stays_as_it_is() -> None:
    words = Words("de", "UTC")
    assert why("550 No such user here", words) == "550 No such user here"
    told = why(sentence("given_up_paced", problem="550 No such user here"), words)
    assert told == "Aufgegeben, weil immer wieder um Geduld gebeten wurde: 550 No such user here"


def test_what_a_connector_says_of_a_delivery_is_known() -> None:
    words = Words("de", "UTC")
    told = why(sentence("given_up", tries=5, hours=1, problem="Telegram cannot be reached."), words)
    assert told.endswith("oder mehr: Telegram ist nicht erreichbar.")
    assert why("Their mailbox is full.", words) == "Das Postfach ist voll."


def test_what_a_connector_says_with_values_in_it_is_known() -> None:
    words = Words("de", "UTC")
    refused = "Receiving (IMAP): The server mail.hub.example:993 refused the login: AUTHENTICATIONFAILED. "
    assert why(
        refused + "In Zoho allow IMAP access first; with two-factor sign-in it takes an app password.", words
    ) == (
        "Empfang (IMAP): Server mail.hub.example:993 lehnt die Anmeldung ab: AUTHENTICATIONFAILED. "
        "Erlauben Sie in Zoho zuerst den Zugriff über IMAP; mit zweitem Faktor nimmt es ein App-Passwort."
    )
    assert why("Our own probe came back: The mail could not be delivered.", words) == (
        "Unsere eigene Probe kam zurück: Die Mail konnte nicht zugestellt werden."
    )
    assert why("There is no server called 100%(a)s.", words) == "Es gibt keinen Server namens 100%(a)s."
    assert why(
        "The bot was removed from the group Tents: nothing can be answered there any more.", words
    ) == ("Der Bot wurde aus der Gruppe Tents entfernt: dort kann nichts mehr beantwortet werden.")
    assert why("There is no server called x.", Words("en", "UTC")) == "There is no server called x."
