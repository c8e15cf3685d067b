"""``/take``, ``/assign``, ``/resolve``: who works on it, and when it is done. Pure."""

from __future__ import annotations

import difflib

from daemon.desk.update import Assign, Command, Resolve, Take
from daemon.desk.verbs.verb import Speaker, Verb
from daemon.errors import TicketError


def _take(words: str, speaker: Speaker) -> Command:
    if words:
        raise TicketError("/take has no words after it; to hand over write /assign NAME")
    return Take(agent=speaker.agent.name)


def _assign(words: str, speaker: Speaker) -> Command:
    name = words.strip("\"'@ ")
    directory = speaker.directory
    if agent := directory.agent(name) or directory.agent_at(name):
        return Assign(agent=agent.name)
    if team := directory.team(name):
        return Assign(team=team.name)
    raise TicketError(_nobody(name, speaker))


def _nobody(name: str, speaker: Speaker) -> str:
    agents = [agent.name for agent in speaker.directory.agents]
    teams = [team.name for team in speaker.directory.teams]
    near = difflib.get_close_matches(name.lower(), [*teams, *agents], n=1)
    hint = f" Did you mean /assign {near[0]}?" if near else ""
    known = f"Teams: {', '.join(teams) or 'none'}. Agents: {', '.join(agents) or 'none'}."
    return f'no team or agent "{name}".{hint} {known}' if name else f"/assign whom? {known}"


def _resolve(words: str, speaker: Speaker) -> Command:
    if words:
        raise TicketError("/resolve has no words after it; write what was done below it")
    return Resolve()


VERBS = (
    Verb(name="take", read=_take, usage="/take", meaning="the ticket is yours"),
    Verb(
        name="assign", read=_assign, usage="/assign NAME", meaning="hand over to an agent or a team"
    ),
    Verb(name="resolve", read=_resolve, usage="/resolve", meaning="it is done; your text tells it"),
)
