"""The sandbox, and a home that points at it."""

from __future__ import annotations

import json as jsonlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from console.commands.options import Json
from console.commands.sandbox_faults import checked_faults, list_what_goes_wrong
from console.session import session
from sync.clock import clock_from_environment
from sync.errors import BadInput, TieoutError
from sync.settings import load_settings

__all__ = ["FIRST_KINDS", "MONEY_KINDS", "connect_home", "refuse_production", "register", "running_sandbox"]

#: The sandbox's world is a little older than 100 days.
_DAYS_BACK = 130
_LAST_PORT, _SMALLEST = 65531, 100
_CHANNELS = {
    "amazon.US": ("amazon", "US", "USD", "America/Los_Angeles"),
    "amazon.DE": ("amazon", "DE", "EUR", "Europe/Berlin"),
    "walmart.US": ("walmart", "US", "USD", "America/Chicago"),
}


def register(app: App) -> None:
    """Add the commands."""
    app.command(sandbox)
    app.command(connect)


def sandbox(
    *,
    seed: int = 7,
    port: Annotated[int, Parameter(help="First of five ports; 0 takes any free ones.")] = 0,
    now: Annotated[str | None, Parameter(help="The world's time, ISO 8601; default: now.")] = None,
    size: Annotated[int | None, Parameter(help="About how many orders the world has.")] = None,
    limits: Annotated[bool, Parameter(help="Enforce the vendors' rate limits.")] = True,
    directory: Annotated[Path | None, Parameter(help="Where the file with credentials is written.")] = None,
    fault: Annotated[
        list[str] | None,
        Parameter(help="What goes wrong: VENDOR.NAME[:PROBABILITY][xCOUNT], as amazon.throttle:0.05; repeatable."),
    ] = None,
    faults: Annotated[str | None, Parameter(help="A set of faults and levers, as black-friday.")] = None,
    list_faults: Annotated[
        bool, Parameter(negative="", help="Print the faults, profiles and levers there are, and serve nothing.")
    ] = False,
    json: Json = False,
) -> int:
    """Serve Amazon, Walmart and NetSuite on loopback over one seeded world, until SIGTERM.

    Prints one JSON line: the base URLs and the path of a file with working credentials. Faults, levers (orders,
    shipments, returns, refunds, stock, settlements, periods …) and the clock are moved at the address named `admin`:
    GET /levers lists them, POST /levers/NAME pulls one.
    """
    if list_faults:
        list_what_goes_wrong(session().output, as_json=json)
        return 0
    from sync.sandbox.server import serve
    from sync.sandbox.world.build import DEFAULT_SIZE

    moment = None if now is None else _moment(now)
    _check_port_and_size(port, size)
    armed = checked_faults(fault or [], faults)
    try:
        serve(
            seed=seed,
            port=port,
            now=moment,
            size=size or DEFAULT_SIZE,
            limits=limits,
            directory=directory,
            faults=armed,
        )
    except OSError as error:
        where = error.filename or f"ports {port} to {port + 4}"
        raise BadInput(
            f"the sandbox cannot start: {where}: {error.strerror or error}", remedy="Take --port 0"
        ) from None
    return 0


def _check_port_and_size(port: int, size: int | None) -> None:
    if not 0 <= port <= _LAST_PORT:
        raise BadInput("there is no such port", value=str(port), remedy="Take 0, or the first of five free ones")
    if size is not None and size < _SMALLEST:
        raise BadInput(
            "the world would be too small", value=str(size), column="--size", remedy=f"Take {_SMALLEST} or more"
        )


def connect(addresses: str) -> int:
    """Make this home a client of a running sandbox.

    Args:
        addresses: The JSON line that `tieout sandbox --json` printed, or a file that holds it.
    """
    here = session()
    text = addresses if addresses.lstrip().startswith("{") else _read(here.path(addresses))
    try:
        parsed = jsonlib.loads(text)
        told = {str(k): str(v) for k, v in parsed.items()}
        connect_home(here.home, told, (*FIRST_KINDS, *MONEY_KINDS))
    except (ValueError, KeyError, AttributeError, TypeError, FileNotFoundError) as error:
        raise BadInput(
            f"these are no sandbox addresses ({error})", remedy="Give the line that `tieout sandbox --json` printed"
        ) from None
    here.output.note(f"{here.home} is now a client of the sandbox; run `tieout pull`")
    return 0


@contextmanager
def running_sandbox(*, seed: int = 7, size: int | None = None, limits: bool = True) -> Iterator[Mapping[str, str]]:
    """Give the addresses of a sandbox in a process of its own, which ends with the block.

    Raises:
        TieoutError: it did not start.
    """
    command = [sys.executable, "-m", "console", "sandbox", "--json", "--seed", str(seed)]
    command += [] if size is None else ["--size", str(size)]
    command += [] if limits else ["--no-limits"]
    if os.environ.get("TIEOUT_NOW"):
        command += ["--now", os.environ["TIEOUT_NOW"]]
    with ExitStack() as stack:
        # What it says goes to a file: the terminal belongs to the console.
        said = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, text=True)
        stack.callback(_end, process)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            code = process.wait()
            said.seek(0)
            why = (said.read().strip().splitlines() or [f"exit code {code}"])[-1]
            raise TieoutError(f"the sandbox did not start: {why}")
        yield jsonlib.loads(line)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


#: What a sandbox's home pulls at least. Not what takes longer than all of it together: a report that Amazon makes on
#: request is there after 15 s at the earliest.
FIRST_KINDS = tuple(
    "orders settlements multichannel walmart.returns walmart.shipments subsidiaries accounts netsuite.locations periods"
    " items customers transactions links parcels deletions".split()
)
#: The witnesses of settlements. Amazon's ledger is read at a page every other second.
MONEY_KINDS = ("payouts", "balances", "summaries", "ledger")


def connect_home(home: Path, addresses: Mapping[str, str], kinds: Sequence[str] = FIRST_KINDS) -> None:
    """Write config.toml and secrets.toml (mode 0600) so that `home` is a client of that sandbox and pulls `kinds`.

    Raises:
        BadInput: the home belongs to a production company.
    """
    refuse_production(home)
    home.mkdir(parents=True, exist_ok=True)
    held = jsonlib.loads(Path(addresses["credentials"]).read_text(encoding="utf-8"))
    first = (clock_from_environment().now() - timedelta(days=_DAYS_BACK)).date()
    lines = ['environment = "sandbox"', 'company = "Acme Goods"', ""]
    for channel, (vendor, marketplace, currency, zone) in _CHANNELS.items():
        lines += [
            f'[channels."{channel}"]',
            f'vendor = "{vendor}"',
            f'marketplace = "{marketplace}"',
            f"base_url = {_quoted(addresses[vendor])}",
            *([f"token_url = {_quoted(held['amazon']['token_url'])}"] if vendor == "amazon" else []),
            f'currency = "{currency}"',
            f'time_zone = "{zone}"',
            f"first_day = {first.isoformat()}",
            "",
        ]
    lines += [
        "[erp]",
        f"account_id = {_quoted(held['netsuite']['account_id'])}",
        f"base_url = {_quoted(addresses['netsuite'] + '/services/rest')}",
        f"first_day = {first.isoformat()}",
        "",
        "[pull]",
        f"kinds = {jsonlib.dumps(list(kinds))}",
    ]
    (home / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _write_secrets(home / "secrets.toml", held)


def _write_secrets(path: Path, held: Mapping[str, Mapping[str, object]]) -> None:
    wanted = {
        "amazon": ("client_id", "client_secret", "refresh_token", "seller_id"),
        "walmart": ("client_id", "client_secret"),
        "netsuite": ("client_id", "certificate_id", "private_key"),
    }
    lines: list[str] = []
    for table, names in wanted.items():
        lines += [f"[{table}]", *(f"{n} = {_quoted(str(held[table][n]))}" for n in names), ""]
    tba = held["netsuite"].get("tba")
    if isinstance(tba, Mapping):
        lines += ["[netsuite.tba]", *(f"{n} = {_quoted(str(v))}" for n, v in tba.items())]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def refuse_production(home: Path) -> None:
    """Leave a home alone that belongs to a production company.

    Raises:
        BadInput: it does.
    """
    if (home / "config.toml").exists() and load_settings(home).environment == "production":
        raise BadInput(
            "this home belongs to a production company",
            remedy="Set TIEOUT_HOME to another folder for the sandbox",
            file=str(home / "config.toml"),
        )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("this is no time", value=text, remedy="Write 2026-11-20T09:00:00Z") from None
    if moment.tzinfo is None:
        raise BadInput("the time has no offset", value=text, remedy="Write 2026-11-20T09:00:00Z")
    return moment


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the file cannot be read: {error}", remedy="Name another file", file=str(path)) from error


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's.
    return jsonlib.dumps(text, ensure_ascii=False)
