"""Posts webhooks at a steady rate and prints how long each took, in seconds: a process of its own.

python -m tests.benchmarks.poster URL RATE SECONDS HEADER VALUE
"""

import asyncio
import json
import sys
import time

import aiohttp

FIRST = 1_000_000  # numbers of updates; each run takes its own


def body(number: int) -> bytes:
    """A customer's message as Telegram posts it; every tenth customer is somebody else."""
    who = {"id": 1000 + number % 97, "is_bot": False, "first_name": f"Customer {number % 97}"}
    chat = {"id": who["id"], "type": "private", "first_name": who["first_name"]}
    text = f"Where is my order number {number}? I have been waiting for two weeks now."
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


async def post(url: str, rate: float, seconds: float, headers: dict[str, str]) -> list[float]:
    """Each at its moment, whether the ones before were answered or not."""
    first = FIRST + int(time.time() * 1000) % 1_000_000_000
    times: list[float] = []
    async with aiohttp.ClientSession(headers=headers) as http, asyncio.TaskGroup() as group:
        began = time.perf_counter()

        async def one(number: int) -> None:
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            async with http.post(url, data=body(first + number)) as answer:
                await answer.read()
                assert answer.status == 200, answer.status
            times.append(time.perf_counter() - due)

        for number in range(int(rate * seconds)):
            group.create_task(one(number))
    return times


if __name__ == "__main__":
    address, how_often, how_long, name, value = sys.argv[1:]
    print(json.dumps(asyncio.run(post(address, float(how_often), float(how_long), {name: value}))))
