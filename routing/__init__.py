"""Decides who a writer is and who answers. Pure: never reads, never writes."""

from collections.abc import Sequence
from datetime import datetime

from hub.contract.inbound import Author
from hub.contract.routing import Assignment, Link
from hub.model.channels import Channel
from hub.model.inbox import Conversation
from hub.model.people import Identity
from routing.assign import assign_to_channel_team
from routing.link import link_by_address


class Routing:
    """The router the hub is started with."""

    def link(self, author: Author, candidates: Sequence[Identity]) -> Link:
        return link_by_address(author, candidates)

    def assign(self, conversation: Conversation, channel: Channel, now: datetime) -> Assignment:
        return assign_to_channel_team(conversation, channel)
