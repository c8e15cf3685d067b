"""Where the files that we ship are: in the wheel as package data, else in the source tree."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal


def folder(kind: Literal["rules", "templates"]) -> Path:
    """The folder of shipped defaults that an admin's own files override."""
    package = Path(str(files("daemon")))
    packaged = package / "_shipped" / kind
    return packaged if packaged.is_dir() else package.parent / kind
