"""What the palette offers, as `noun: Verb`: sections, what can be done here, themes, records by number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from console.present.text import cell
from console.screens.section import SectionScreen
from console.sections import SECTIONS
from console.shell import ConsoleShell

__all__ = ["CommandSource", "RecordSource"]

Entry = tuple[str, Callable[[], None], str]


def _app(provider: Provider) -> ConsoleShell:
    return cast("ConsoleShell", cast("Any", provider).app)


class CommandSource(Provider):
    """Sections, the actions of the screen below, themes."""

    async def discover(self) -> Hits:
        for name, run, note in self._entries():
            yield DiscoveryHit(Content(name), run, text=name, help=note)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, run, note in self._entries():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, Content(name), run, text=name, help=note)

    def _entries(self) -> Iterator[Entry]:
        app = _app(self)
        for section in SECTIONS:
            yield f"screen: {section.title}", partial(app.action_do, f"go-{section.id}"), section.key
        if isinstance(self.screen, SectionScreen):
            noun = self.screen.SECTION
            for chosen in self.screen.actions:
                if "table" in chosen.scope or chosen.id.startswith("go-") or chosen.id == "palette":
                    continue
                why = app.refusal_of(chosen.id)
                if why is None:
                    run = partial(app.action_do, chosen.id)
                    yield f"{noun}: {chosen.label}", run, f"{chosen.key_label}  {chosen.help}"
        for theme in sorted(self.app.available_themes):
            yield f"theme: {theme}", partial(setattr, self.app, "theme", theme), ""


class RecordSource(Provider):
    """Any record by its number: type an order id anywhere."""

    async def search(self, query: str) -> Hits:
        if len(query.strip()) < 3:
            return
        app = _app(self)
        found = await asyncio.to_thread(app.desk.find, query.strip(), 8)
        for number, record in enumerate(found):
            label = cell(record.label, 120)
            yield Hit(1.0 - number / 100, Content(label), partial(app.go, record.jump), text=label)
