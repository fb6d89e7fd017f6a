"""python -m rest_proxy --bootstrap-servers HOST:PORT [options], or KAFKA_REST_<OPTION> in the environment"""

import logging
import sys

import uvloop
from aiohttp import web
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import UserError, exit_code_of
from pipeline.kafka import connection
from rest_proxy.api import Api
from rest_proxy.broker import DELIVERY_TIMEOUT_MS, Broker
from rest_proxy.room import Room

MEBIBYTE = 1024 * 1024
PATIENCE = 5.0  # seconds that a request waits for room; with the delivery's time still below API Gateway's 29 s


class Options(BaseSettings):
    """Serves Kafka REST v2: produce, topics, health."""

    model_config = SettingsConfigDict(
        env_prefix="KAFKA_REST_", cli_prog_name="python -m rest_proxy", cli_kebab_case=True, cli_hide_none_type=True
    )

    bootstrap_servers: str = Field(description="brokers to connect to, as host:port,...")
    iam_region: str | None = Field(None, description="region of an MSK cluster with IAM authentication (implies TLS)")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8082, ge=0, le=65535, description="port to listen on")
    max_record_bytes: int = Field(2 * MEBIBYTE, gt=0, description="largest record that Kafka is offered")
    max_request_bytes: int = Field(10 * MEBIBYTE, gt=0, description="largest body of a request")
    max_bytes_under_way: int = Field(64 * MEBIBYTE, gt=0, description="bytes of bodies in memory before others wait")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        options = Options(_cli_parse_args=True)  # type: ignore[call-arg]
    except ValidationError as error:
        problems = [f"--{str(e['loc'][0]).replace('_', '-')}: {e['msg']}" for e in error.errors()]
        raise UserError("; ".join(problems) + " (see --help)") from None
    uvloop.install()
    web.run_app(
        _application(options),
        host=options.host,
        port=options.port,
        access_log=None,
        print=lambda *_: logging.info("listening on %s:%d", options.host, options.port),
        # What is under way ends within its delivery timeout.
        shutdown_timeout=DELIVERY_TIMEOUT_MS / 1000,
    )


async def _application(options: Options) -> web.Application:
    broker = Broker(connection(options.bootstrap_servers, options.iam_region), options.max_record_bytes)
    room = Room(options.max_bytes_under_way, PATIENCE)
    return Api(broker, room, options.max_request_bytes).application()


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
