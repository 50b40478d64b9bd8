"""Who may call the sandbox: made-up credentials in one file that only its owner can read."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path

__all__ = ["amazon_credentials", "walmart_credentials", "write_credentials"]

_HEX = "0123456789abcdef"


def _digits(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(_HEX) for _ in range(length))


def amazon_credentials(seed: int) -> dict[str, str]:
    """Return client_id, client_secret, refresh_token and seller_id in Amazon's own shapes; same seed, same values."""
    rng = random.Random(f"amazon-{seed}")
    return {
        "client_id": f"amzn1.application-oa2-client.{_digits(rng, 32)}",
        "client_secret": f"amzn1.oa2-cs.v1.{_digits(rng, 64)}",
        "refresh_token": f"Atzr|{_digits(rng, 48)}",
        "seller_id": "A" + "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(13)),
    }


def walmart_credentials(seed: int) -> dict[str, str]:
    """Return client_id (a UUID) and client_secret; same seed, same values."""
    rng = random.Random(f"walmart-{seed}")
    text = _digits(rng, 32)
    client_id = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return {"client_id": client_id, "client_secret": _digits(rng, 40)}


def write_credentials(folder: Path, document: Mapping[str, object]) -> Path:
    """Write the credentials as JSON with mode 0600 and return the file's path (an older file is replaced)."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "credentials.json"
    part = folder / f".credentials.{os.getpid()}.part"
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(document, out, indent=2)
        out.write("\n")
    part.replace(path)
    return path
