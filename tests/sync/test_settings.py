"""Settings: what is wrong is named with its place, secrets are never shown, the environment wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.errors import BadInput
from sync.settings import home_folder, load_secrets, load_settings

MARKER = "marker-secret-4711"
CHANNEL = """
[channels."amazon.US"]
vendor = "amazon"
marketplace = "US"
currency = "USD"
first_day = 2026-01-01
"""


def configured(home: Path, text: str) -> Path:
    (home / "config.toml").write_text(text)
    return home


def secret(home: Path, text: str, mode: int = 0o600) -> Path:
    (home / "secrets.toml").write_text(text)
    (home / "secrets.toml").chmod(mode)
    return home


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_secrets_that_others_can_read_are_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    secret(tmp_path, f'[walmart]\nclient_id = "a"\nclient_secret = "{MARKER}"\n', mode)
    with pytest.raises(BadInput, match="chmod 600") as caught:
        load_secrets(tmp_path)
    assert MARKER not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f'[walmart]\nclient_secret = "{MARKER}"\n',
        f'[walmart]\nclient_id = "a"\nclient_secret = "b"\nextra = "{MARKER}"\n',
        f'[walmart]\nclient_id = "a"\nclient_secret = ["{MARKER}"]\n',
        f'[netsuite]\nclient_id = "a"\nprivate_key = {{ pem = "{MARKER}" }}\n',
        f'[walmart]\nclient_secret = "{MARKER}\n',
        f"[walmart]\nclient_secret = {MARKER}\n",
    ],
)
def test_no_error_about_secrets_shows_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_secrets(secret(tmp_path, text))
    assert MARKER not in str(caught.value)
    assert "secrets.toml" in str(caught.value)
    assert caught.value.remedy


def test_a_secret_in_the_wrong_file_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such setting") as caught:
        load_settings(configured(tmp_path, f'client_secret = "{MARKER}"\n'))
    assert MARKER not in str(caught.value)


def test_a_secret_is_masked_wherever_it_is_printed(tmp_path: Path) -> None:
    held = load_secrets(secret(tmp_path, f'[walmart]\nclient_id = "a"\nclient_secret = "{MARKER}"\n'))
    assert MARKER not in repr(held) + str(held) + held.model_dump_json()
    assert held.walmart is not None
    assert held.walmart.client_secret.get_secret_value() == MARKER


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        (CHANNEL.replace("USD", "usd"), "channels.amazon.US.currency", "found 'usd'"),
        (CHANNEL.replace("2026-01-01", '"soon"'), "channels.amazon.US.first_day", "found 'soon'"),
        (CHANNEL + 'time_zone = "Mars/Phobos"', "channels.amazon.US.time_zone", "no such time zone"),
        (CHANNEL.replace('"amazon.US"', '"shop"'), "channels.shop.[key]", "shop"),
        ('[erp]\naccount_id = "1"\nfirst_day = 2026-01-01\nconcurrency = 99', "erp.concurrency", "found '99'"),
    ],
)
def test_a_wrong_value_names_key_value_and_both_remedies(tmp_path: Path, text: str, column: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_settings(configured(tmp_path, text))
    assert caught.value.column == column
    assert said in str(caught.value)
    assert "in the file or in the environment (TIEOUT_" in caught.value.remedy


def test_a_file_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        load_settings(tmp_path)
    (tmp_path / "secrets.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "secrets.toml").chmod(0o600)
    with pytest.raises(BadInput, match="not TOML"):
        load_secrets(tmp_path)


def test_a_variable_that_is_a_table_and_a_value_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_UI", "dark")
    monkeypatch.setenv("TIEOUT_UI__THEME", "dark")
    with pytest.raises(BadInput, match="TIEOUT_UI__THEME: the setting is no table"):
        load_settings(tmp_path)


def test_the_environment_wins_even_over_a_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_COMPANY", "Acme")
    monkeypatch.setenv("TIEOUT_CHANNELS__AMAZON_US__BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TIEOUT_SAFETY__WRITE", "false")
    monkeypatch.setenv("TIEOUT_SECRETS__WALMART__CLIENT_ID", "a")
    monkeypatch.setenv("TIEOUT_SECRETS__WALMART__CLIENT_SECRET", MARKER)
    monkeypatch.setenv("TIEOUT_USER", "ann")
    settings = load_settings(configured(tmp_path, 'company = "Other"\n' + CHANNEL))
    assert (settings.company, settings.safety.write) == ("Acme", False)
    assert settings.channels["amazon.US"].base_url == "http://127.0.0.1:1"
    held = load_secrets(tmp_path).walmart
    assert held is not None
    assert held.client_secret.get_secret_value() == MARKER


def test_a_home_without_files_is_production_with_nothing_configured(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert (settings.environment, settings.channels, settings.erp, settings.safety.write) == (
        "production",
        {},
        None,
        True,
    )
    assert load_secrets(tmp_path).amazon is None


def test_the_home_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIEOUT_HOME", str(tmp_path))
    assert home_folder() == tmp_path
    monkeypatch.delenv("TIEOUT_HOME")
    assert home_folder() == Path.home() / ".local" / "share" / "tieout"
