"""The registry of faults: names are known, draws are each fault's own, the command line's way to write one."""

from __future__ import annotations

import re

import pytest

from sync.sandbox.faults import GENERIC_FAULTS, VENDORS, Fault, FaultKind, Faults, fault_kinds, parse_fault
from sync.sandbox.profiles import find_profile, load_profiles


def struck(faults: Faults, count: int = 200) -> list[str]:
    """Return the names that strike `count` calls, empty for none."""
    return [taken.name if (taken := faults.take("amazon", "GET", "/orders")) else "" for _ in range(count)]


@pytest.mark.parametrize(
    ("vendor", "name", "said"),
    [
        ("amazon", "throtle", "the nearest is 'throttle'"),
        ("walmart", "w11", "the nearest is 'W11'"),
        ("netsuite", "lost_anwser", "the nearest is 'lost_answer'"),
        ("amazon", "W11", "amazon knows no fault 'W11'"),
        ("ebay", "slow", "vendor of amazon, walmart, netsuite"),
        ("amazon", "", "needs a name"),
    ],
)
def test_an_unknown_name_is_refused_and_the_nearest_named(vendor: str, name: str, said: str) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=re.escape(said)):
        faults.add(Fault(vendor, name))
    assert faults.active() == []


@pytest.mark.parametrize(
    "text",
    ["throttle", "amazon.", ".slow", "amazon.slow:", "amazon.slow:x2", "amazon.slow:0.1:0.2", "amazon.slow:0.1.2"],
)
def test_a_fault_that_is_not_written_right_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (fault|probability)"):
        parse_fault(text)


@pytest.mark.parametrize(
    "fault", [Fault("amazon", "slow", 0), Fault("amazon", "slow", None, 0.0), Fault("amazon", "slow", 1, 1.1)]
)
def test_a_count_or_probability_out_of_range_is_refused(fault: Fault) -> None:
    with pytest.raises(ValueError, match=r"count must be|probability must be"):
        Faults().add(fault)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amazon.throttle", Fault("amazon", "throttle", 1)),
        ("amazon.throttle:0.05", Fault("amazon", "throttle", None, 0.05)),
        ("walmart.W11x3", Fault("walmart", "W11", 3)),
        ("walmart.W05-ms:0.5x20", Fault("walmart", "W05-ms", 20, 0.5)),
        ("netsuite.lost_answer:1", Fault("netsuite", "lost_answer", None, 1.0)),
    ],
)
def test_a_fault_is_read_as_the_command_line_writes_it(text: str, expected: Fault) -> None:
    assert parse_fault(text) == expected


def test_every_app_names_the_generic_faults_and_each_of_its_own_with_a_sentence() -> None:
    for vendor in VENDORS:
        kinds = {k.name: k for k in fault_kinds() if k.vendor == vendor}
        assert set(GENERIC_FAULTS) <= set(kinds)
        assert all(k.text.strip() for k in kinds.values())
    assert len({(k.vendor, k.name) for k in fault_kinds()}) == len(fault_kinds())


def test_a_name_that_begins_with_a_row_has_that_row_and_a_word_the_row_that_it_stands_for() -> None:
    rows = {(k.vendor, k.name): k.row for k in fault_kinds()}
    assert rows["walmart", "W11"] == "W11"
    assert rows["walmart", "W05-ms"] == "W05"
    assert rows["amazon", "A43"] == rows["amazon", "blank_lines_first"] == "A43"
    assert rows["netsuite", "limit_falls"] == rows["netsuite", "throttle"] == "N01"
    assert rows["walmart", "slow"] == ""
    letters = {"amazon": "A", "walmart": "W", "netsuite": "N"}
    assert all(k.row == "" or k.row[0] == letters[k.vendor] for k in fault_kinds())
    first = fault_kinds()[0]
    assert first == FaultKind("amazon", "A01", "A01", first.text)


def test_setting_a_fault_does_not_move_the_luck_of_another() -> None:
    alone, beside = Faults(5), Faults(5)
    alone.add(Fault("amazon", "slow", None, 0.3))
    beside.add(Fault("amazon", "throttle", None, 0.4))
    beside.add(Fault("amazon", "slow", None, 0.3))
    first, both = struck(alone), struck(beside)
    assert "slow" in first
    assert all(b in ("slow", "throttle") for a, b in zip(first, both, strict=True) if a == "slow")
    assert all(b != "slow" for a, b in zip(first, both, strict=True) if a == "")


def test_two_faults_of_one_name_draw_apart_and_the_same_seed_gives_the_same() -> None:
    def luck(seed: int, twins: int) -> int:
        faults = Faults(seed)
        for _ in range(twins):
            faults.add(Fault("amazon", "slow", None, 0.2))
        return sum(bool(name) for name in struck(faults))

    assert luck(3, 1) == luck(3, 1)
    assert luck(3, 2) > luck(3, 1)


def test_a_fault_is_counted_down_only_when_it_strikes() -> None:
    faults = Faults()
    faults.add(Fault("amazon", "slow", 2, match="/orders", method="get"))
    faults.add(Fault("amazon", "throttle", 1))
    assert faults.take("walmart", "GET", "/orders") is None
    assert struck(faults, 4) == ["slow", "slow", "throttle", ""]
    assert faults.clear() == 0


def test_a_profile_that_is_not_there_or_not_right_is_refused() -> None:
    with pytest.raises(ValueError, match="there are black-friday, netsuite-friday"):
        find_profile("red-friday")
    with pytest.raises(ValueError, match="needs a text"):
        load_profiles("[empty]\nfaults = []\n")
    with pytest.raises(ValueError, match="unknown: kount"):
        load_profiles('[odd]\ntext = "x"\nfaults = [{ vendor = "amazon", name = "slow", kount = 1 }]\n')


def test_every_profile_leaves_a_client_that_repeats_a_way_through() -> None:
    """No fault without an end strikes more than every second call of an operation."""
    for profile in load_profiles().values():
        endless = [f for f in profile.make_faults() if f.count is None]
        assert all(f.probability <= 0.5 for f in endless), profile.name
        for vendor in VENDORS:
            refused = 1.0
            for fault in endless:
                if fault.vendor == vendor and not fault.match and not fault.method and fault.name != "slow":
                    refused *= 1 - fault.probability
            assert refused > 0.5, (profile.name, vendor)
