"""A MariaDB of a test's own: free port, its own folder and socket, ended by its pid."""

import getpass
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pymysql

from tests.waiting import PATIENCE

PASSWORD = "hush-hush"


def missing() -> str | None:
    """Why it cannot be started on this machine, None when it can."""
    absent = [name for name in ("mariadbd", "mariadb-install-db") if shutil.which(name) is None]
    return f"{', '.join(absent)} not installed (apt-get install mariadb-server)" if absent else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MariaDB:
    """One server with the database `pinterest`; `url` is a reader's, who may not write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = _free_port()
        self.url = f"mysql+pymysql://reader:{PASSWORD}@127.0.0.1:{self._port}/pinterest?charset=utf8mb4"

    def start(self) -> None:
        """Make the data folder if there is none, start the server, and return when it answers."""
        data, user = self._folder / "data", getpass.getuser()
        if not data.exists():
            subprocess.run(
                [
                    *("mariadb-install-db", "--no-defaults", f"--user={user}", f"--datadir={data}"),
                    *("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"),
                ],
                check=True,
                capture_output=True,
            )
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("mariadbd", "--no-defaults", f"--user={user}", f"--datadir={data}"),
                    *(f"--socket={self._folder / 's'}", f"--port={self._port}", "--bind-address=127.0.0.1"),
                    *("--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0"),
                    *("--innodb-buffer-pool-size=64M", "--performance-schema=OFF", "--character-set-server=utf8mb4"),
                ],
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers()
        self.execute(
            "CREATE DATABASE IF NOT EXISTS pinterest",
            f"CREATE USER IF NOT EXISTS reader@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            "GRANT SELECT ON pinterest.* TO reader@'127.0.0.1'",
        )

    def kill(self) -> None:
        """End the server as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let the server say nothing, with its connections open."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def execute(self, *statements: str, rows: list[tuple[object, ...]] | None = None) -> None:
        """Run statements as root; with `rows`, one statement for all of them."""
        connection = pymysql.connect(unix_socket=str(self._folder / "s"), user="root", charset="utf8mb4")
        with connection, connection.cursor() as cursor:
            for statement in statements:
                if rows is None:
                    cursor.execute(statement)
                else:
                    cursor.executemany(statement, rows)
            connection.commit()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.execute("SELECT 1")
            except pymysql.OperationalError:
                log = (self._folder / "log").read_text(errors="replace")
                assert self._process and self._process.poll() is None, log
                assert time.monotonic() < deadline, log
                time.sleep(0.05)
