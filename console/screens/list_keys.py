"""What the keys of every list do."""

from __future__ import annotations

from collections.abc import Callable

from console.messages import DetailRead
from console.screens.copying import copied_text
from console.screens.list_parts import ListParts
from console.widgets.detail_text import internal_passage

__all__ = ["perform_on_list", "show_page"]


def perform_on_list(screen: ListParts, action_id: str, mark_all: Callable[[], None]) -> bool:
    """Run an action that every list has; returns False where there is none of this id."""
    table, drawer = screen.table, screen.drawer
    simple: dict[str, Callable[[], object]] = {
        "mark": table.toggle_mark,
        "range": table.toggle_range,
        "mark-all": mark_all,
        "sort": table.next_sort,
        "filter": screen.bar.type,
        "next-tab": lambda: drawer.next_tab(1),
        "previous-tab": lambda: drawer.next_tab(-1),
        "grow": lambda: drawer.resize_by(1),
        "shrink": lambda: drawer.resize_by(-1),
        "equal": drawer.toggle_equal,
    }
    on_screen: dict[str, Callable[[ListParts], object]] = {
        "open": _open,
        "back": _back,
        "focus": _swap_focus,
        "drawer": _toggle_drawer,
        "raw": _raw,
        "jump": _jump,
        "copy": _copy,
        "copy-internal": _copy_internal,
        "explain": _explain,
    }
    if action_id in simple:
        simple[action_id]()
    elif action_id in on_screen:
        on_screen[action_id](screen)
    else:
        return False
    return True


def show_page(screen: ListParts, section: str, key: str, tab: str) -> None:
    """Read one tab of a record and show it over the whole screen."""
    read = screen.read_detail
    screen.console_app.read(screen, "page", lambda: DetailRead(key, tab, read(section, key, tab), page=True))


def _open(screen: ListParts) -> None:
    """Open the drawer; where it has the focus already, the same over the whole screen."""
    row = screen.table.row
    if screen.drawer.has_focus_within and row is not None:
        show_page(screen, screen.detail_section, row.key, screen.drawer.tab)
    else:
        screen.open_drawer()


def _back(screen: ListParts) -> None:
    """Go one level up: out of the drawer, then marks, then the filter."""
    if screen.has_class("-drawer-open"):
        screen.remove_class("-drawer-open")
        screen.table.focus()
    elif screen.table.marks:
        screen.table.clear_marks()
    elif screen.bar.text:
        screen.bar.set_text("")
    else:
        screen.table.focus()


def _toggle_drawer(screen: ListParts) -> None:
    screen.toggle_class("-drawer-open" if screen.has_class("-narrow") else "-drawer-closed")
    screen.table.focus()


def _swap_focus(screen: ListParts) -> None:
    if screen.drawer.has_focus_within:
        screen.remove_class("-drawer-open")
        screen.table.focus()
    else:
        screen.open_drawer()


def _raw(screen: ListParts) -> None:
    row = screen.table.row
    if row is None or "raw" not in dict(screen.drawer.tabs):
        screen.notify("w: nothing raw is kept of this", severity="warning", markup=False)
        return
    show_page(screen, screen.detail_section, row.key, "raw")


def _jump(screen: ListParts) -> None:
    detail = screen.drawer.detail
    if detail is None or not detail.jumps:
        screen.notify("o: this record links to nothing", severity="warning", markup=False)
        return
    screen.console_app.finder.choose_jump(detail.jumps)


def _explain(screen: ListParts) -> None:
    row = screen.table.row
    if row is not None:
        screen.console_app.explain(screen.detail_section, row.key, screen.as_of)


def _copy_internal(screen: ListParts) -> None:
    drawer = screen.drawer
    found = internal_passage(drawer.detail if drawer.display and drawer.is_idle else None)
    if found is None:
        screen.notify("Y: there is no text for colleagues here; the story tab has it", severity="warning", markup=False)
        return
    screen.app.copy_to_clipboard(found.text)
    screen.notify("copied the text for colleagues (OSC 52)", markup=False)


def _copy(screen: ListParts) -> None:
    drawer = screen.drawer
    text, said = copied_text(screen.table, drawer.detail if drawer.display and drawer.is_idle else None)
    screen.app.copy_to_clipboard(text)
    # OSC 52 is the terminal's way to the clipboard; some terminals have it switched off.
    screen.notify(f"copied {said} (OSC 52)", markup=False)
