"""How a simulated platform takes a message of ours: what it refuses, who gets a copy, what it tells back."""

from datetime import timedelta

from connectors.simulator.imitations import surfaces_of
from connectors.simulator.platform import Platform
from connectors.simulator.society import Order, Persona, Place, Post, Received
from connectors.simulator.troubles import Refusal
from hub.contract.capabilities import Capabilities, ReceiptState, Visibility


def take(platform: Platform, order: Order) -> tuple[Post, dict[str, str]]:
    """Deliver an order. Returns what was posted and the recipients that were refused, with why.

    Raises Refusal when nothing of it is acceptable.
    """
    earlier = platform.by_key.get(order.key, [])
    if platform.dedupes and earlier:
        return earlier[0], {}
    can = surfaces_of(platform.imitates).get(order.thread.surface)
    if can is None:
        raise Refusal(400, "unsupported", f"There is no {order.thread.surface} here.")
    people, refused = _recipients(platform, order)
    place = _place(platform, order, can, [person for person, _ in people])
    _check(platform, order, place, can)
    post = _post(platform, order, place)
    for person, role in people:
        platform.world.put(person, _copy(platform, order, post, role))
    for listener in platform.on_taken:
        listener(post)
    _tell(platform, post, can, [person for person, _ in people])
    return post, refused


def _recipients(platform: Platform, order: Order) -> tuple[list[tuple[Persona, str]], dict[str, str]]:
    people: list[tuple[Persona, str]] = []
    refused: dict[str, str] = {}
    named = [(key, role) for role in ("to", "cc", "bcc") for key in getattr(order, role)]
    if not named and order.thread.key in platform.places:
        members = platform.places[order.thread.key].people
        named = [(platform.name_of(person), "to") for person in members]
    for key, role in named:
        person = platform.person_named(key)
        if person is None:
            refused[key] = "Nobody of this name is known here."
        elif person.key in platform.blocked:
            refused[key] = "They have blocked us."
        else:
            people.append((person, role))
    if not people:
        words = next(iter(refused.values()), "Nobody is named.")
        raise Refusal(403, "unreachable", words)
    return people, refused


def _place(platform: Platform, order: Order, can: Capabilities, people: list[Persona]) -> Place:
    place = platform.places.get(order.thread.key)
    if place is None and can.initiates:
        return platform.open_place(order.thread.surface, people, order.subject)
    if place is None or place.gone:
        raise Refusal(404, "thread_gone", "The thread does not exist any more.")
    return place


def _check(platform: Platform, order: Order, place: Place, can: Capabilities) -> None:
    if can.text.measure(order.text) > can.text.longest:
        raise Refusal(400, "too_long", f"A text may have {can.text.longest} characters.")
    if order.files and (can.media is None or len(order.files) > can.media.most):
        raise Refusal(400, "media_refused", "So many attachments are not taken.")
    if order.visibility not in can.replies:
        raise Refusal(400, "unsupported", f"An answer here cannot be {order.visibility}.")
    if order.visibility is Visibility.PRIVATE and _window_closed(platform, place):
        raise Refusal(403, "window_closed", "The time for an answer is over.")


def _window_closed(platform: Platform, place: Place) -> bool:
    asked = place.last_from_customer()
    if platform.reply_hours is None or asked is None:
        return False
    return platform.world.now() - asked.at > timedelta(hours=platform.reply_hours)


def _post(platform: Platform, order: Order, place: Place) -> Post:
    post = Post(
        id=platform.message_id(),
        thread=place.thread,
        author=None,
        at=platform.world.now(),
        text=order.text,
        subject=order.subject,
        files=tuple(platform.keep_file(*file) for file in order.files),
        reply_to=order.reply_to,
        related=order.related,
        visibility=order.visibility,
        key=order.key,
        to=order.to,
    )
    platform.keep(place, post)
    platform.by_key.setdefault(order.key, []).append(post)
    return post


def _copy(platform: Platform, order: Order, post: Post, role: str) -> Received:
    return Received(
        at=post.at,
        account=platform.account,
        thread=post.thread.key,
        message=post.id,
        key=order.key,
        text=post.text,
        subject=post.subject,
        reply_to=post.reply_to,
        role=role,
        visibility=post.visibility,
        files=post.files,
    )


def _tell(platform: Platform, post: Post, can: Capabilities, people: list[Persona]) -> None:
    """What comes back by itself: the echo, the receipt, the bounce."""
    if platform.echoes:
        platform.echo(post)
    for person in people:
        if person.bounces:
            words = "550 5.1.1 The mailbox does not exist."
            platform.receipt(post, ReceiptState.FAILED, problem=words, recipient=platform.name_of(person))
            return
    if platform.confirms and ReceiptState.DELIVERED in can.receipts:
        platform.receipt(post, ReceiptState.DELIVERED)
