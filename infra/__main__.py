"""`python -m infra COMMAND`: commands for the estate."""

import argparse
import sys

from infra import commands, images
from pipeline.errors import exit_code_of
from pipeline.settings import load

COMMANDS = {
    "plan": (commands.plan, "show what apply would change, and what the estate costs"),
    "apply": (commands.apply, "create or update the estate"),
    "destroy": (commands.destroy, "destroy the estate"),
    "outputs": (commands.outputs, "print the estate's outputs as JSON"),
    "bootstrap": (commands.bootstrap, "ENV=aws, once: create the bucket for Terraform's state"),
    "push": (images.push, "ENV=aws: push the images to the estate's repositories"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m infra",
        description="The estate, offline (ENV=local) or in an AWS account (ENV=aws).",
        epilog="; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS)
    command, _ = COMMANDS[parser.parse_args().command]
    command(load())


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
