"""The listener at its real door: a 250 is a committed row."""

from __future__ import annotations

import smtplib
from pathlib import Path

import sqlalchemy
import structlog

from daemon.bell import silent
from daemon.inbox import Inbox
from daemon.settings import Settings
from tests.system.smtp.house import running
