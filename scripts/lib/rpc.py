"""JSON-RPC over one WebSocket: calls and subscriptions, each message stamped when it arrives."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

# A runtime's metadata is the largest thing a node ever answers here.
LARGEST_MESSAGE = 32 * 1024 * 1024

Callback = Callable[[dict, float], None]


class RpcFailure(Exception):
    """A node refused a call, did not answer in time, or closed the connection."""


class Rpc:
    """One connection to one node. Times given to subscribers are of `time.monotonic()`."""

    def __init__(self, url: str):
        self.url = url
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[asyncio.Future, Callback | None]] = {}
        self._subscribers: dict[str, Callback] = {}
        self._socket = None
        self._reader = None

    async def open(self, timeout: float) -> "Rpc":
        """Connects, trying again until the node listens or the time is over."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                # Loopback only: a proxy of the environment must never come between.
                self._socket = await connect(
                    self.url, proxy=None, compression=None, max_size=LARGEST_MESSAGE
                )
                break
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError) as cause:
                if time.monotonic() > deadline:
                    raise RpcFailure(f"{self.url} does not answer after {timeout:.0f} s") from cause
                await asyncio.sleep(0.1)
        self._reader = asyncio.create_task(self._read())
        return self

    async def close(self) -> None:
        if self._reader:
            self._reader.cancel()
        if self._socket:
            await self._socket.close()

    async def call(self, method: str, *params, timeout: float = 10.0):
        return await self._request(method, params, None, timeout)

    async def subscribe(self, method: str, callback: Callback) -> None:
        """Every later notification is handed to `callback(result, arrived_at)`."""
        await self._request(method, (), callback, 10.0)

    async def _request(self, method, params, callback, timeout):
        if self._reader is None or self._reader.done():
            raise RpcFailure(f"{self.url} closed the connection")
        number = next(self._ids)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = (answer, callback)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        try:
            await self._socket.send(json.dumps(request))
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError as cause:
            raise RpcFailure(f"{self.url}: no answer to {method} in {timeout:.0f} s") from cause
        except ConnectionClosed as cause:
            raise RpcFailure(f"{self.url} closed the connection") from cause
        finally:
            self._waiting.pop(number, None)

    async def _read(self):
        try:
            async for text in self._socket:
                self._dispatch(json.loads(text), time.monotonic())
        except ConnectionClosed:
            pass
        finally:
            for answer, _ in self._waiting.values():
                if not answer.done():
                    answer.set_exception(RpcFailure(f"{self.url} closed the connection"))

    def _dispatch(self, message: dict, arrived_at: float) -> None:
        if "id" not in message:
            params = message.get("params", {})
            callback = self._subscribers.get(str(params.get("subscription")))
            if callback:
                callback(params["result"], arrived_at)
            return
        answer, callback = self._waiting.get(message["id"], (None, None))
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(RpcFailure(f"{self.url}: {message['error'].get('message')}"))
            return
        # Registered here, not by the caller: the first notification may be right behind.
        if callback:
            self._subscribers[str(message["result"])] = callback
        answer.set_result(message["result"])
