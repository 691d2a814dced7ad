"""Makes loopback ports of namespaces reachable at the same ports of this one's loopback.

Usage: port_forward.py PORT=NAMESPACE_DESCRIPTOR..."""

import asyncio
import contextlib
import sys

from netns import Namespace

LOOPBACK = "127.0.0.1"
# Bytes moved at once.
CHUNK = 65536


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """The end of one direction closes both: neither RPC nor metrics use a half-open connection."""
    with contextlib.suppress(OSError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()
    sink.close()


class Forwarder:
    def __init__(self, port: int, namespace: Namespace):
        self._port = port
        self._namespace = namespace

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connected, LOOPBACK, self._port)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = self._namespace.open_socket()
        inner.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(inner, (LOOPBACK, self._port))
        except OSError:
            # The node does not listen yet, or no longer; the client sees a connection that ends.
            inner.close()
            writer.close()
            return
        inner_reader, inner_writer = await asyncio.open_connection(sock=inner)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))


async def main() -> None:
    forwarders = []
    for pair in sys.argv[1:]:
        port, handle = map(int, pair.split("="))
        forwarders.append(Forwarder(port, Namespace(handle, LOOPBACK)))
    await asyncio.gather(*(forwarder.serve() for forwarder in forwarders))


if __name__ == "__main__":
    asyncio.run(main())
