"""Commands of the offline stack: python -m local COMMAND [MODULE ARGUMENTS...]."""

import argparse
import runpy
import shutil
import subprocess
import sys

from infra import commands
from local import estate, status
from local.demo import take_steps
from local.setup import ROOT
from local.stack import Stack
from pipeline.errors import UserError, exit_code_of
from pipeline.estate import load_estate
from pipeline.settings import Settings, load


def clean(settings: Settings) -> None:
    """Stop the stack and delete what running created."""
    Stack(settings).down()
    if settings.state.exists():
        if not (settings.state / "stack.lock").exists():
            raise UserError(f"{settings.state} was not made by this project: delete it by hand if it may go")
        shutil.rmtree(settings.state)
    print(f"{settings.state}: deleted")


def demo(settings: Settings) -> None:
    """Both lanes from nothing to the report, each step a command of its own."""
    installing = None
    if settings.spark:  # as the first steps mostly wait
        installing = subprocess.Popen(["python3", "local/setup.py", "--spark"], cwd=ROOT)

    def run(command: list[str]) -> int:
        if installing and "spark" in command and (failed := installing.wait()):
            return failed
        return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode

    try:
        take_steps(run, str(settings.state.resolve()), settings.spark)
    finally:
        if installing:
            installing.terminate()


def ready(settings: Settings) -> None:
    """Bring up whatever is not: silent when the estate, and offline its stack, are as they should be."""
    if settings.env == "aws":
        load_estate(settings)
    elif not estate.is_ready(settings):
        commands.apply(settings)


COMMANDS = {
    "demo": (demo, "everything once: stack, estate, rows, both lanes, report"),
    "up": (lambda settings: Stack(settings).up(), "start the servers, or find them running"),
    "ready": (ready, "up and the estate, unless nothing is left to do"),
    "status": (status.report, "say whether each part answers, and its counts"),
    "down": (lambda settings: Stack(settings).down(), "stop the servers"),
    "clean": (clean, "stop the servers and delete the state folder"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="The offline stack.",
        epilog="; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("then", nargs=argparse.REMAINDER, help="a module to run after that, and its arguments")
    args = parser.parse_args()
    name = args.command
    settings = load()
    if settings.env == "aws" and name != "ready":
        raise UserError(f"{name} is for the offline stack: leave out ENV=aws")
    command, _ = COMMANDS[name]
    command(settings)
    if args.then:  # in this process: another one would take its time to start
        sys.argv = args.then
        runpy.run_module(args.then[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
