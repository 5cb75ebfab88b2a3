"""Slack, through an app: direct messages, group messages, channels and their threads, Slack Connect."""

from connectors.slack.connector import SlackConnector

__all__ = ["SlackConnector"]
