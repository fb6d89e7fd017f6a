"""python -m local.kinesis --port PORT, in the control plane's virtual environment."""

import argparse
import os
import signal
from contextlib import suppress

from local.control_plane.rest import ACCOUNT
from pipeline.dotenv import yes_or_no


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.kinesis", description="Kinesis offline.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument(
        "--limits", type=yes_or_no, default=False, help="yes: shards take and give no more than AWS's in a second"
    )
    options = parser.parse_args()
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
    from local.kinesis.server import server  # not before: moto reads its environment when it is imported

    listening = server(options.host, options.port, options.limits)
    print(f"listening on {options.host}:{listening.port}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        listening.serve_forever()


if __name__ == "__main__":
    main()
