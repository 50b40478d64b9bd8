"""How NetSuite says no: one exception that carries everything of its error envelope (CONTRACT §1.4, §2.10)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["Refused", "invalid_value", "missing_values", "not_found", "user_error"]

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    429: "Bad Request",  # NetSuite's own title of its 429
    500: "Internal Server Error",
}
_MODERN = {400: "15.5.1", 401: "15.5.2", 403: "15.5.4", 404: "15.5.5", 405: "15.5.6", 409: "15.5.10", 500: "15.6.1"}
_OLDER = {400: "10.4.1", 401: "10.4.2", 403: "10.4.4", 404: "10.4.5", 405: "10.4.6", 409: "10.4.10", 500: "10.5.1"}


class Refused(Exception):
    """NetSuite refuses a request; `where` holds one of o:errorPath, o:errorUrl, o:errorHeader, o:errorQueryParam."""

    def __init__(
        self, status: int, code: str, detail: str, *, where: Mapping[str, str] | None = None, title: str | None = None
    ) -> None:
        self.status, self.code, self.detail = status, code, detail
        self.where = dict(where or {})
        self.title = title or _TITLES[status]
        super().__init__(f"{status} {code}: {detail}")

    def envelope(self, *, modern: bool) -> dict[str, object]:
        """Return the JSON body; `modern` chooses between the two addresses seen in `type`."""
        if modern:
            kind = f"https://www.rfc-editor.org/rfc/rfc9110.html#section-{_MODERN.get(self.status, '15.5.1')}"
        else:
            kind = f"https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec{_OLDER.get(self.status, '10.4.1')}"
        body: dict[str, object] = {"type": kind, "title": self.title, "status": self.status}
        if self.status == 429:
            body["o:errorCode"] = "USER_ERROR"
        body["o:errorDetails"] = [{"detail": self.detail, **self.where, "o:errorCode": self.code}]
        return body


def invalid_value(value: object, field: str, path: str) -> Refused:
    """Return NetSuite's refusal of a field's value, with the path of the field (`item.items[0].item`)."""
    text = f"Error while accessing resource: You have entered an Invalid Field Value {value} for the following field: "
    return Refused(400, "INVALID_CONTENT", text + field, where={"o:errorPath": path})


def user_error(text: str, path: str | None = None) -> Refused:
    """Return a business refusal; the text stands after NetSuite's prefix."""
    where = {"o:errorPath": path} if path else None
    return Refused(400, "USER_ERROR", f"Error while accessing a resource. {text}", where=where)


def missing_values(labels: list[str]) -> Refused:
    """Return the refusal that names the labels of every field that is missing."""
    return user_error(f"Please enter value(s) for: {', '.join(labels)}.")


def not_found(url: str | None = None) -> Refused:
    """Return the 404 of a record that is not there."""
    where = {"o:errorUrl": url} if url else None
    text = "The record instance does not exist. Provide a valid record instance ID."
    return Refused(404, "NONEXISTENT_ID", text, where=where)
