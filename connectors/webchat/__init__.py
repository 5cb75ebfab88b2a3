"""Web chat: a widget on somebody's site, and the connector behind it."""

from connectors.webchat.connector import WebchatConnector

__all__ = ["WebchatConnector"]
