"""`sandbox --fault`, `--faults`, `--list-faults`: what can go wrong is listed, checked before the start, armed."""

from __future__ import annotations

import json
import signal
import subprocess

import httpx
import pytest

from sync.sandbox.faults import fault_kinds
from sync.sandbox.profiles import load_profiles
from tests.console.homes import Home


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--fault", "amazon.throtle"], "the nearest is 'throttle'"),
        (["--fault", "throttle"], "write VENDOR.NAME"),
        (["--fault", "walmart.W11x0"], "count must be 1 or more"),
        (["--fault", "amazon.slow:7"], "probability must be"),
        (["--faults", "red-friday"], "there are black-friday"),
    ],
)
def test_a_fault_that_is_not_there_is_refused_before_anything_starts(empty: Home, argv: list[str], said: str) -> None:
    done = empty.run("sandbox", *argv)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "--list-faults" in done.err


def test_every_fault_profile_and_lever_is_listed_for_people_and_programs(empty: Home) -> None:
    rows = [json.loads(line) for line in empty.run("sandbox", "--list-faults", "--json").out.splitlines()]
    assert {r["name"] for r in rows if r["kind"] == "fault"} == {f"{k.vendor}.{k.name}" for k in fault_kinds()}
    assert [r["name"] for r in rows if r["kind"] == "profile"] == list(load_profiles())
    assert {"kind": "fault", "name": "walmart.W11", "row": "W11"}.items() <= next(
        r for r in rows if r["name"] == "walmart.W11"
    ).items()
    text = empty.run("sandbox", "--list-faults").out
    assert len(text.splitlines()) == len(rows)
    assert all(row["text"] in text for row in rows)


def test_what_the_command_arms_is_set_before_the_first_call(empty: Home) -> None:
    argv = ["sandbox", "--size", "100", "--json", "--fault", "amazon.empty_500x2", "--fault", "walmart.slow:0.25"]
    with empty.start(*argv, "--faults", "netsuite-friday", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        admin = json.loads(process.stdout.readline())["admin"]
        armed = httpx.get(f"{admin}/faults", trust_env=False).json()["faults"]
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    names = [(f["vendor"], f["name"], f["count"], f["probability"]) for f in armed]
    assert names[-2:] == [("amazon", "empty_500", 2, 1.0), ("walmart", "slow", None, 0.25)]
    assert len(names) == len(load_profiles()["netsuite-friday"].faults) + 2
