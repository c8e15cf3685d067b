"""Whether a file may be passed on: by an admin's list of name endings, and by what it is. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from daemon.mail.sniff import PROGRAM, SCRIPT

#: Files that run, install, redirect or hold what runs, on any desk; an admin may name others.
ENDINGS: Final = (
    "ade", "adp", "app", "appref-ms", "appx", "apk", "asp", "aspx", "bat", "chm", "cmd", "com",
    "cpl", "deb", "dll", "dmg", "docm", "dotm", "exe", "gadget", "hta", "htaccess", "htm", "html",
    "img", "inf", "iqy", "iso", "jar", "js", "jse", "jsp", "library-ms", "lnk", "mht", "mhtml",
    "msc", "msi", "msix", "msp", "one", "phar", "php", "phtml", "pif", "pkg", "pl", "potm", "ppam",
    "pptm", "ps1", "psm1", "py", "rb", "reg", "rpm", "scf", "scr", "search-ms", "settingcontent-ms",
    "sh", "shtml", "slk", "svg", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "wsf", "wsh",
    "xhtml", "xlam", "xll", "xlsm", "xltm",
)  # fmt: skip
#: By what the bytes are, under whatever name.
_KINDS: Final = {
    PROGRAM: "a program",
    SCRIPT: "a script",
    "text/html": "a page that can run scripts",
    "image/svg+xml": "a picture that can run scripts",
    "application/x-ms-shortcut": "a shortcut",
    "application/vnd.ms-htmlhelp": "a help file that can run scripts",
}


def danger(filename: str, sniffed: str, endings: Collection[str] = ENDINGS) -> str:
    """Why it is dangerous; empty when nothing says so."""
    ending = filename.rpartition(".")[2].lower() if filename else ""
    if ending in endings:
        return f"its name ends in .{ending}"
    if what := _KINDS.get(sniffed):
        return f"it is {what}"
    return ""
