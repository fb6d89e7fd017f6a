"""python -m rest_proxy --bootstrap-servers HOST:PORT [options], or KAFKA_REST_<OPTION> in the environment"""

import asyncio
import logging
import signal
import ssl
import sys

import uvloop
from aiohttp import web
from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import UserError, exit_code_of
from pipeline.kafka import connection
from rest_proxy.api import Api
from rest_proxy.broker import DELIVERY_TIMEOUT_MS, Broker
from rest_proxy.room import Room
from rest_proxy.tls import is_host_name, server_context

MEBIBYTE = 1024 * 1024
PATIENCE = 5.0  # seconds that a request waits for room; with the delivery's time still below API Gateway's 29 s
READING = 5.0  # seconds in which senders may read their answers after SIGTERM


class Options(BaseSettings):
    """Serves Kafka REST v2: produce, topics, health."""

    model_config = SettingsConfigDict(
        env_prefix="KAFKA_REST_", cli_prog_name="python -m rest_proxy", cli_kebab_case=True, cli_hide_none_type=True
    )

    bootstrap_servers: str = Field(min_length=1, description="brokers to connect to, as host:port,...")
    iam_region: str | None = Field(None, description="region of an MSK cluster with IAM authentication (implies TLS)")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8082, ge=0, le=65535, description="port to listen on")
    tls_name: str | None = Field(
        None, description="host name to serve TLS for, with a certificate made at start; none: plain HTTP"
    )
    max_record_bytes: int = Field(2 * MEBIBYTE, ge=1000, le=10**9, description="largest record that Kafka is offered")
    max_request_bytes: int = Field(10 * MEBIBYTE, gt=0, description="largest body of a request")
    max_bytes_under_way: int = Field(64 * MEBIBYTE, gt=0, description="bytes of bodies in memory before others wait")

    @field_validator("tls_name")
    @classmethod
    def _is_host_name(cls, name: str | None) -> str | None:
        if name is not None and not is_host_name(name):
            raise PydanticCustomError("host_name", "Input should be a host name such as kafka-rest.example.com")
        return name


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        options = Options(_cli_parse_args=True)  # type: ignore[call-arg]
    except ValidationError as error:
        problems = [f"--{str(e['loc'][0]).replace('_', '-')}: {e['msg']}" for e in error.errors()]
        raise UserError("; ".join(problems) + " (see --help)") from None
    tls = None
    if options.tls_name is not None:
        tls, end = server_context(options.tls_name)
        logging.info("TLS for %s, with a certificate that ends at %s", options.tls_name, f"{end:%Y-%m-%d %H:%M} UTC")
    try:
        uvloop.run(_serve(options, tls))
    except OSError as error:
        raise UserError(f"cannot listen on {options.host}:{options.port}: {error.strerror}") from None


async def _serve(options: Options, tls: ssl.SSLContext | None) -> None:
    """Serve until SIGTERM or SIGINT, then take no more connections and answer what is under way.

    aiohttp's own run_app would cut off a request whose body is still coming in.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    broker = Broker(connection(options.bootstrap_servers, options.iam_region), options.max_record_bytes)
    api = Api(broker, Room(options.max_bytes_under_way, PATIENCE), options.max_request_bytes)
    runner = web.AppRunner(api.application(), access_log=None, shutdown_timeout=READING)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port, ssl_context=tls)
        await site.start()
        logging.info("listening on %s:%d", options.host, options.port)
        await stop.wait()
        await site.stop()
        await api.finish(DELIVERY_TIMEOUT_MS / 1000)
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
