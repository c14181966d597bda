"""A bare grpc.aio echo: the ceiling that any Python gRPC service is measured against.

Run as a module it serves on a free port of loopback and prints the address; it ends when its standard
input does.
"""

from __future__ import annotations

import asyncio
import sys

import grpc

METHOD = "/bench.Echo/Echo"


async def serve() -> None:
    """Serve until standard input is closed."""
    server = grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(_echo)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", {"Echo": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"127.0.0.1:{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(grace=0)


async def _echo(request: bytes, _: object) -> bytes:
    return request


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve())
