"""The document and its page: complete, true, and without anything from elsewhere."""

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest

from hub.api.mounting import PREFIX
from hub.api.table import ROUTES
from tests.hub.api.conftest import Api

SECONDS = 25
LEFT_OUT = (
    "deleteConversation",
    "deleteView",
    "removeWebhook",
    "merge",
    "deleteSavedReply",
    "takeBack",
)  # what they remove, the others need
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,ignored_auth,negative_data_rejection"
)


async def test_the_document_holds_every_route_and_needs_no_token(api: Api) -> None:
    async with api.client.get(f"{PREFIX}/openapi.json") as response:
        assert response.status == 200
        found = await response.json()
    assert found["openapi"].startswith("3.1")
    documented = {(method.upper(), path) for path, each in found["paths"].items() for method in each}
    assert documented == {(route.method, route.path) for route in ROUTES}
    names = [each["operationId"] for path in found["paths"].values() for each in path.values()]
    assert len(names) == len(set(names))
    refs = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(found)))
    assert refs <= set(found["components"]["schemas"])
    assert set(re.findall(r'"\$ref": "([^"]+)/[^/"]+"', json.dumps(found))) == {"#/components/schemas"}
    assert "$defs" not in json.dumps(found)


async def test_the_page_shows_every_route_and_loads_nothing_from_elsewhere(api: Api) -> None:
    async with api.client.get(f"{PREFIX}/docs") as response:
        assert response.status == 200
        html = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "script" not in html
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    for route in ROUTES:
        assert f'id="{route.name}"' in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    assert set(re.findall(r'(?:href|src)="([^#"]+)"', html)) == {"/api/v1/docs.css", "/api/v1/openapi.json"}
    async with api.client.get(f"{PREFIX}/docs.css") as response:
        assert response.content_type == "text/css"
        assert "url(" not in await response.text()


async def test_every_answer_to_a_known_token_tells_what_is_left_and_every_refusal_is_a_problem(
    api: Api,
) -> None:
    for route in ROUTES:
        path = re.sub(r"\{[a-z]+\}", "none", route.path)
        answer = await api.call(route.method, path)  # which looks at what a refusal is made of
        assert {"RateLimit", "RateLimit-Policy"} <= set(answer.headers), route.name


@pytest.mark.timeout(120)  # its own bound, and what a busy machine adds
async def test_whatever_is_asked_the_answer_is_a_documented_one(api: Api, tmp_path: Path) -> None:
    """schemathesis makes up requests from the document: good ones, bad ones, and bad ones that look good."""
    office = api.office
    office.platform.write(
        office.world.person("tomas"), "Where is my parcel?", files=[("a.txt", "text/plain", b"a")]
    )
    matter = await office.conversation()
    (message,) = await office.messages(matter.id, 1)
    sent = await api.post(f"/conversations/{matter.id}/replies", {"text": "On its way."})
    wanted = {"name": "Nobody", "url": "http://127.0.0.1:1/", "kinds": ["note.added"]}
    hook = (await api.post("/webhooks", wanted)).body["hook"]["id"]
    snippet = (await api.post("/saved-replies", {"title": "Hello", "text": "Hello"})).body["id"]
    await api.post("/tags", {"name": "VIP"})
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        "[parameters]\n"
        f'"path.conversation" = "{matter.id}"\n"path.entry" = "{message.id}"\n"path.number" = "0"\n'
        f'"path.channel" = "{office.channel.id}"\n"path.delivery" = "{sent.body["id"]}"\n'
        f'"path.webhook" = "{hook}"\n"path.reply" = "{snippet}"\n"path.tag" = "VIP"\n'
        '"path.on" = "conversation"\n"path.key" = "order"\n'
    )
    url = str(api.client.make_url(f"{PREFIX}/openapi.json"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "--no-color", "run", url),
        *(
            "--header",
            f"Authorization: Bearer {api.bearer}",
            "--checks",
            CHECKS,
            "--phases",
            "examples,coverage,fuzzing",
        ),
        *("--max-examples", "4", "--max-time", str(SECONDS), "--seed", "1", "--generation-database", "none"),
        *(part for name in LEFT_OUT for part in ("--exclude-operation-id", name)),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-6000:]
