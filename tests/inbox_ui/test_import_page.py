"""The page that brings customers in from a file: uploaded, named, checked, done, undone; and taken out."""

import re

from aiohttp import FormData

from tests.hubs import until
from tests.inbox_ui.conftest import Site
from tests.inbox_ui.test_people_pages import OFFICE, Visit, visit

__all__ = ["visit"]
ROWS = "Name;E-Mail;Town\nJörg;joerg@acme.example;Ulm\nNobody;;Bonn\n".encode("cp1252")


async def test_customers_are_brought_in_from_a_file_and_undone(visit: Visit, site: Site) -> None:
    async def upload(content: bytes) -> tuple[int, str, str]:
        token = re.search(r'name="csrf" value="([^"]+)"', await visit.get("/imports"))
        assert token is not None
        form = FormData({"csrf": token[1]})
        form.add_field("upload", content, filename="people.csv", content_type="text/csv")
        async with visit.client.post(f"{OFFICE}/imports", data=form, headers=visit.headers) as answer:
            return answer.status, await answer.text(), str(answer.url.path).removeprefix(OFFICE)

    async def shows(path: str, text: str) -> str:
        async def look() -> str:
            page = await visit.get(path)
            return page if text in page else ""

        return await until(look, f"the page to say {text!r}")

    status, page, _ = await upload(b"PK\x03\x04\x00")
    assert (status, "This is no text that can be read" in page) == (422, True)
    status, page, path = await upload(ROWS)
    assert (status, "The file is here" in page, "Jörg" in page) == (200, True, True)
    columns = {"columns-0": "name", "columns-1": "", "columns-2": "", "country": "DE"}
    status, page = await visit.post(path, path, do="check", **columns)
    assert (status, "has to be the e-mail address or the phone number" in page) == (422, True)
    await visit.post(path, path, do="check", **{**columns, "columns-1": "email"})
    page = await shows(path, "Checked, nothing written")
    assert "<b>Line 3</b>: There is neither an e-mail address nor a phone number" in page
    assert "joerg@acme.example" not in await visit.get("/imports/export.csv")
    await visit.post(path, path, do="import", **{**columns, "columns-1": "email"})
    await shows(path, "Undo the import")
    assert "1 new, 0 changed" in await visit.get("/imports")
    assert "joerg@acme.example" in await visit.get("/imports/export.json")
    await visit.post(path, path, do="undo")
    assert "Taken back" in await shows(path, ">Undone<")
    assert "joerg@acme.example" not in await visit.get("/imports/export.csv")
    await visit.post(path, path, _method="delete")
    assert "No file was brought in so far" in await visit.get("/imports")
