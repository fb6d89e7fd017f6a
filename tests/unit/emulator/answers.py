"""Answers of a scripted API, of the kinds that every door has to bear."""

import asyncio

from aiohttp import web


def status(code, body=b"", **headers):
    async def answer(request, records):
        return web.Response(status=code, body=body, headers=headers)

    return answer


async def reset(request, records):
    request.transport.abort()
    return web.Response()


async def truncated(request, records):
    """The connection ends in the middle of the answer."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"offsets":')
    request.transport.close()
    return response


async def late(request, records):
    """Later than anyone waits."""
    await asyncio.sleep(3600)


class Pauses:
    """A clock and a sleep that notes how long, and takes no time."""

    def __init__(self):
        self.slept, self.now = [], 0.0

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
