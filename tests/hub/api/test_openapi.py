"""The document and its page: complete, true, and without anything from elsewhere."""

import json
import re

from hub.api.mounting import PREFIX
from hub.api.table import ROUTES
from tests.hub.api.conftest import Api


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
