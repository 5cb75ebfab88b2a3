"""Telegram, through a bot: private chats, groups with topics, comments below a channel, business chats."""

from connectors.telegram.connector import TelegramConnector

__all__ = ["TelegramConnector"]
