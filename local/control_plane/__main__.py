"""python -m local.control_plane --port PORT --bootstrap-servers HOST:PORT, in the virtual environment of its own."""

import argparse
import os
import signal
from contextlib import suppress

from werkzeug.serving import WSGIRequestHandler, make_server

from local.control_plane.rest import ACCOUNT

MOTO = {
    "MOTO_ACCOUNT_ID": ACCOUNT,  # the account that LocalStack has too
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # roles can be given AWS's own policies
}


class Quiet(WSGIRequestHandler):
    """Writes no line for each request; errors still go to the log."""

    def log_request(self, *_: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.control_plane", description="The offline AWS control plane.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--bootstrap-servers", required=True, help="host:port of the broker, told for each MSK cluster")
    options = parser.parse_args()
    os.environ |= MOTO
    from local.control_plane.app import App  # not before: moto reads its environment when it is imported

    app = App(options.bootstrap_servers)
    server = make_server(options.host, options.port, app, threaded=True, request_handler=Quiet)
    print(f"listening on {options.host}:{server.port}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
