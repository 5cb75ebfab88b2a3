"""What `serve` serves: the pages, the API, the webhooks and the health check, at one address."""

import aiohttp

from hub.app import Hub
from hub.work import running


async def test_the_pages_the_api_and_the_health_check_answer(hub: Hub) -> None:
    async with running(hub, web_server=True, worker=False) as at_work, aiohttp.ClientSession() as http:
        assert at_work.url is not None
        async with http.get(at_work.url) as page:
            assert page.status == 200
            assert "Hubbub" in await page.text()
            assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
        async with http.get(f"{at_work.url}/api/v1/openapi.json") as document:
            assert (await document.json())["openapi"].startswith("3.1")
        async with http.get(f"{at_work.url}/healthz") as health:
            assert await health.json() == {"database": "ok"}
