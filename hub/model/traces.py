"""What somebody who may be the same person is looked for by. Pure.

Each identity is kept with a handful of keys; those who share one are compared, and nobody else. A key must be
rare: a first name, a company or info@ would bring half the office together.
"""

from hub.model.addresses import base_email, company_domain, is_role, normal_handle
from hub.model.names import name_key, skeleton, tokens_of
from hub.model.people import Identity

NICKNAME = 5  # letters that a handle needs to tell anything
COMMON = frozenset(
    {"admin", "anonymous", "customer", "guest", "hello", "nobody", "private", "support", "unknown"}
)
NEAR = 6  # letters by which nicknames that are only alike find each other


def trace_keys(identity: Identity) -> tuple[str, ...]:
    """In a stable order, each once."""
    named = addresses_of(identity)
    tokens = tokens_of(identity.name)
    keys = {f"a:{base_email(each)}" for each in named if is_personal(each)}
    keys |= {f"a:{each}" for each in named if "@" not in each}
    if (name := name_key(tokens)) is not None:
        keys |= {f"r:{each}:{name}" for each in named if "@" in each and is_role(each)}
        companies = {company_domain(each) for each in named if "@" in each}
        keys |= {f"c:{domain}:{skeleton(each)}" for domain in companies if domain for each in tokens}
    for each in nicknames(identity):
        keys |= {f"h:{each[:NEAR]}:{name or ''}"} if name else set()
        keys.add(f"h:{each}")
    if identity.device:
        keys.add(f"d:{identity.device}")
    return tuple(sorted(keys))


def nicknames(identity: Identity) -> set[str]:
    """What they call themselves: handles, and mailboxes' names, without dots and the like."""
    handles = [normal_handle(identity.handle).partition("@")[0]] if identity.handle else []
    personal = [each for each in addresses_of(identity) if is_personal(each)]
    handles += [each.partition("@")[0].partition("+")[0] for each in personal]
    bare = ("".join(filter(str.isalnum, each)) for each in handles)
    return {each for each in bare if len(each) >= NICKNAME and not each.isdecimal() and each not in COMMON}


def addresses_of(identity: Identity) -> set[str]:
    """Addresses and numbers, verified or named."""
    return {each for each in (identity.email, identity.phone, *identity.claimed) if each}


def is_personal(address: str) -> bool:
    return "@" in address and not is_role(address)
