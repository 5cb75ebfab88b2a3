"""Who answers? A channel may belong to a team; whoever of it is free claims the conversation."""

from hub.contract.routing import Assignment
from hub.model.channels import Channel
from hub.model.inbox import Conversation
from hub.model.sentences import sentence


def assign_to_channel_team(conversation: Conversation, channel: Channel) -> Assignment:
    if conversation.team or conversation.agent or not channel.team:
        return Assignment(None, None, "")
    return Assignment(channel.team, None, sentence("channel_team", channel=channel.name))
