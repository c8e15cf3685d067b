"""OAuth2 access tokens for a mailbox: client credentials (RFC 6749 §4.4) or a refresh token (§6).

A refresh token that the endpoint replaces is kept in ``<data_dir>/oauth/``, readable by us alone.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import tempfile
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from daemon.clock import Clock
from daemon.errors import MailboxError
from daemon.settings import Mailbox, OAuth

_TIMEOUT_SECONDS = 20
_ANSWER_BYTES = 64 * 1024
#: A token is renewed this long before it ends, so that none ends during a login.
_MARGIN = timedelta(seconds=120)
_DEFAULT_SECONDS = 3600


class Tokens:
    """The access token of one mailbox, asked for when needed and kept until it is about to end."""

    def __init__(self, mailbox: Mailbox, *, data_dir: Path, clock: Clock) -> None:
        if mailbox.oauth is None:
            raise ValueError(f"mailbox {mailbox.name} has no oauth section")
        self._oauth, self._clock = mailbox.oauth, clock
        self._kept = data_dir / "oauth" / f"{quote(mailbox.name, safe='')}.json"
        self._token, self._ends = "", clock.now()

    def access_token(self) -> str:
        """A token that is good for two minutes at least; raises MailboxError when there is none."""
        if not self._token or self._clock.now() >= self._ends:
            self._token, self._ends = self._ask()
        return self._token

    def forget(self) -> None:
        """The server refused the token: the next one is a new one."""
        self._token = ""

    def _ask(self) -> tuple[str, datetime]:
        answer = _post(self._oauth, self._form())
        token = answer.get("access_token")
        if not isinstance(token, str) or not token or not token.isprintable():
            raise _trouble("the token endpoint's answer holds no access_token")
        replaced = answer.get("refresh_token")
        if self._oauth.refresh_token and isinstance(replaced, str) and replaced:
            self._keep(replaced)
        return token, self._clock.now() + _lifetime(answer.get("expires_in")) - _MARGIN

    def _form(self) -> dict[str, str]:
        oauth = self._oauth
        form = {"grant_type": "client_credentials", "client_id": oauth.client_id}
        if oauth.refresh_token:
            form |= {"grant_type": "refresh_token", "refresh_token": self._refresh_token()}
        if oauth.client_secret:
            form["client_secret"] = oauth.client_secret
        if oauth.scope:
            form["scope"] = oauth.scope
        return form

    def _refresh_token(self) -> str:
        """The newest one that descends from the configured one; a new configuration wins."""
        try:
            kept = json.loads(self._kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self._oauth.refresh_token
        if isinstance(kept, dict) and kept.get("from") == self._origin:
            return str(kept.get("refresh_token") or self._oauth.refresh_token)
        return self._oauth.refresh_token

    @property
    def _origin(self) -> str:
        return hashlib.sha256(self._oauth.refresh_token.encode()).hexdigest()

    def _keep(self, refresh_token: str) -> None:
        if refresh_token == self._refresh_token():
            return
        text = json.dumps({"from": self._origin, "refresh_token": refresh_token})
        try:
            _write_secret(self._kept, text)
        except OSError as err:
            raise _trouble(
                f"the new refresh token cannot be written to {self._kept}: {err.strerror}",
                "make the data folder writable; the old token may be used up",
            ) from err


def _write_secret(path: Path, text: str) -> None:
    """Replace the file in one step, mode 0600, durable before the old one is gone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _lifetime(seconds: object) -> timedelta:
    # Some endpoints write the number as a text.
    try:
        return timedelta(seconds=min(max(float(str(seconds)), 0), 86_400))
    except ValueError:
        return timedelta(seconds=_DEFAULT_SECONDS)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A secret goes to the configured address and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _post(oauth: OAuth, form: dict[str, str]) -> dict[str, Any]:
    _refuse_clear_text(oauth.token_url)
    request = urllib.request.Request(  # noqa: S310  the scheme is checked above
        oauth.token_url,
        data=urlencode(form).encode("ascii"),
        headers={
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            return _read(response)
    except urllib.error.HTTPError as err:
        with err:
            raise _refused(err) from err
    except (OSError, HTTPException) as err:
        reason = getattr(err, "reason", err)
        raise _trouble(
            f"the token endpoint {urlsplit(oauth.token_url).hostname} cannot be reached: {reason}",
            "see that token_url is right and that the machine reaches it",
        ) from err


def _refuse_clear_text(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise _trouble("token_url is not https", "a secret is never sent in clear text")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(response: IO[bytes]) -> dict[str, Any]:
    raw = response.read(_ANSWER_BYTES + 1)
    try:
        answer = json.loads(raw) if len(raw) <= _ANSWER_BYTES else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise _trouble("the token endpoint's answer is not a JSON object")
    return answer


def _refused(err: urllib.error.HTTPError) -> MailboxError:
    """RFC 6749 §5.2: the reason is in the answer's body."""
    try:
        answer = _read(err)
    except (MailboxError, OSError, HTTPException):
        answer = {}
    said = " ".join(str(answer[key]) for key in ("error", "error_description") if key in answer)
    words = " ".join(said.split())[:300] or f"HTTP {err.code}"
    if err.code >= 500:
        return _trouble(f"the token endpoint is out of order: {words}")
    advice = "see client_id, client_secret, scope and refresh_token; log in anew if it was revoked"
    return _trouble(f"the token endpoint refused: {words}", advice)


def _trouble(reason: str, advice: str = "") -> MailboxError:
    return MailboxError("token", reason, advice)
