"""The way to a connected channel, in the vendor's order: what a person does, step by step. Plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do, at the vendor's or here; page and terminal show it the same way.

    A connector with steps implements `ChecksSteps`: each can be looked at by itself, and says what was found
    or the very error. Questions of the manifest that no step asks are asked after all steps.
    """

    name: str  # unique within the manifest
    title: str  # "Make a bot"
    words: str  # what to do there, in whole sentences
    link: str = ""  # where it is done: an https address, opened in a window of its own
    copies: str = ""  # to be pasted there; {public_url} stands for Hubbub's own address
    asks: tuple[str, ...] = ()  # names of questions this step answers
    further: tuple[str, ...] = ()  # and of those that the terminal asks on request, or where it fails
    optional: bool = False  # passed over where it fails
