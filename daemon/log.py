"""The log: one JSON line per event, readable on a terminal; never a mail's text, never a secret."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import Literal, TextIO, cast

import structlog


class _Patient:
    """A stream that a full disk or a log reader that is gone cannot make fail.

    A line that cannot be written is lost; the mail that it tells of must not be.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(
    level: str = "info", form: Literal["auto", "json", "console"] = "auto"
) -> structlog.typing.FilteringBoundLogger:
    """Set the log up for this process and return its root logger."""
    readable = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if readable
        # ensure_ascii stays on: a lone surrogate or a control character must not reach the sink.
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        # One write a line: processes and threads share the stream.
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Patient(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    _route_libraries(shared, last)
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def _route_libraries(
    shared: list[structlog.typing.Processor], last: list[structlog.typing.Processor]
) -> None:
    """Libraries log by the standard module: the same lines, from warnings upward."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *last,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
