"""Mailboxes on the real servers, one set per test."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.mailserver import MailAccount, MailServer


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def support(mail_server: MailServer) -> MailAccount:
    """Our own mailbox."""
    return mail_server.account("support")


@pytest.fixture
def customer(mail_server: MailServer) -> MailAccount:
    return mail_server.account("carla", "example.test")
