"""Who is there: three agents and forty requesters, each with a mail client."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import cycle

from tests.work.day.clients import AppleMail, Client, Gmail, Mutt, Outlook, Phone

_CLIENTS = (Gmail(), Outlook(), AppleMail(), Mutt(), Phone())


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who writes mails."""

    name: str
    address: str
    client: Client = field(compare=False)

    @property
    def login(self) -> str:
        """What stands before the at sign: an agent's name on the desk."""
        return self.address.partition("@")[0]

    @property
    def shown(self) -> str:
        """As a mail names him."""
        return f"{self.name} <{self.address}>"


ANN = Person(name="Ann Agent", address="ann@desk.test", client=_CLIENTS[0])
BO = Person(name="Bo Agent", address="bo@desk.test", client=_CLIENTS[1])
CHO = Person(name="조은", address="cho@desk.test", client=_CLIENTS[3])
AGENTS = (ANN, BO, CHO)

_NAMES = (
    "Carol Kim", "Dan Miller", "Eva Brandt", "Felix Moreau", "Gina Rossi", "Hugo Lind",
    "Ines Costa", "Jan Novak", "Karen Smith", "Lars Berg", "Mona Weiss", "Nils Dahl",
    "Olga Petrova", "Paul Stone", "Quinn Reed", "Rosa Diaz", "Sven Holm", "Tina Vogel",
    "Umar Khan", "Vera Lang", "Walt Green", "Xenia Roth", "Yara Haddad", "Zoe Clark",
    "Amir Shah", "Bella Fox", "Cyril Blanc", "Dora Nagy", "Emil Sand", "Fiona Hall",
    "Gus Olsen", "Hana Sato", "Igor Baran", "Jill Wood", "Kurt Maier",
)  # fmt: skip
_KOREAN = (("minsu", "김민수"), ("jiwoo", "박지우"), ("seoyeon", "이서연"), ("hajun", "최하준"))
_turn = cycle(_CLIENTS)


def _employed(login: str, name: str) -> Person:
    return Person(name=name, address=f"{login}@acme.test", client=next(_turn))


PLAIN = tuple(_employed(name.split()[0].casefold(), name) for name in _NAMES)
KOREANS = tuple(_employed(login, name) for login, name in _KOREAN)
CHIEF = _employed("ceo", "Grace Chief")
REQUESTERS = (*PLAIN, *KOREANS, CHIEF)
