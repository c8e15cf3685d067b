"""The daily mails: to each agent what waits for him, to each team's lead how it goes.

Sent at eight in the morning of the agent's time on workdays, and never empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import quote as percent
from zoneinfo import ZoneInfo

from daemon.desk.people import Agent, Directory, Team
from daemon.store import agenda, preferences, timers
from daemon.store.agenda import Item
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers.desk import Desk
from workers.notices.bars import bar, share, sparkline
from workers.notices.notice import Block, Kind, Notice, Recipient
from workers.notices.offers import start
from workers.tell import Teller

KIND: Final = "digest"
_EIGHT: Final = time(8)
_WEEKEND: Final = 5
_ROWS: Final = 15
_DAYS: Final = 14
_LATE: Final = timedelta(hours=1)
_AT_RISK: Final = 75


def plan(writes: Writes, desk: Desk, now: datetime) -> None:
    """Set the next one of each agent; one a day, however often the desk starts."""
    mornings = (
        (agent, next_morning(now, _zone(desk, agent)))
        for agent in desk.rules.current().directory.agents
    )
    timers.add(
        writes,
        [
            Timer(
                key=f"{KIND}:{agent.name}:{at:%Y-%m-%d}",
                kind=KIND,
                at=at,
                data={"agent": agent.name},
            )
            for agent, at in mornings
        ],
    )


def _zone(desk: Desk, agent: Agent) -> ZoneInfo:
    """His own by people.yaml, else the desk's."""
    return ZoneInfo(agent.timezone or desk.ctx.settings.timezone)


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """Eight o'clock of the next workday."""
    day = now.astimezone(zone).date()
    while True:
        at = datetime.combine(day, _EIGHT, zone)
        if at > now and day.weekday() < _WEEKEND:
            return at
        day += timedelta(days=1)


def send(writes: Writes, desk: Desk, timer: Timer, now: datetime) -> None:
    """The mails of one agent, and the next morning's timers."""
    plan(writes, desk, now)
    directory = desk.rules.current().directory
    agent = directory.agent(str(timer.data["agent"]))
    if agent is None or now - timer.at > timedelta(hours=12):
        return
    person = desk.staff.person(writes, agent.address, now)
    writes.flush()
    if not preferences.wants_digest(writes.tx, person):
        return
    made = _Digest(writes, desk, agent, timer.at, now)
    made.of_agent(directory)
    for team in directory.teams:
        if team.lead == agent.name:
            made.of_team(directory, team)


class _Digest:
    """One agent's morning."""

    def __init__(
        self, writes: Writes, desk: Desk, agent: Agent, morning: datetime, now: datetime
    ) -> None:
        self._writes, self._tx, self._desk, self._agent = writes, writes.tx, desk, agent
        self._now = now
        self._zone = _zone(desk, agent)
        self._day = morning.astimezone(self._zone).date()
        self._to = Recipient(
            person=desk.staff.person(writes, agent.address, now),
            address=agent.address,
            name=agent.full_name,
            language=agent.language,
            is_agent=True,
        )

    def of_agent(self, directory: Directory) -> None:
        """What waits for him; each ticket stands in one list only, the most pressing."""
        mine = agenda.of_owner(self._tx, self._agent.name)
        teams = [team.name for team in directory.teams if self._agent.name in team.members]
        free = [each for each in agenda.of_teams(self._tx, teams) if not each.ticket.owner]
        left: dict[int, Item] = {item.ticket.number: item for item in mine}
        blocks = [
            self._block("overdue", _taken(left, lambda item: _is_past(item, self._now))),
            self._block("due today", _taken(left, self._is_due_today)),
            self._block("waiting on you", _taken(left, lambda item: item.is_heard)),
            self._block("waking up", _taken(left, self._is_waking)),
            self._block("unassigned", free),
        ]
        self._post("daily", blocks)

    def _is_due_today(self, item: Item) -> bool:
        return item.due_at is not None and self._local(item.due_at) <= self._day

    def _is_waking(self, item: Item) -> bool:
        until = item.ticket.wait_until
        return until is not None and self._local(until) <= self._day

    def _local(self, instant: datetime) -> date:
        return instant.astimezone(self._zone).date()

    def of_team(self, directory: Directory, team: Team) -> None:
        """How a team does: five short lists."""
        items = agenda.of_teams(self._tx, [team.name])
        yesterday = self._bounds(self._day - timedelta(days=1))
        missed = agenda.breached(self._tx, [team.name], *yesterday)
        risky = [each for each in items if _AT_RISK <= each.used(self._now) < 100]
        free = [
            each
            for each in items
            if not each.ticket.owner and self._now - each.ticket.created_at > _LATE
        ]
        blocks = [
            self._flow(team, len(items)),
            Block(
                title="missed yesterday",
                rows=tuple(
                    (f"#{each.number}", each.owner, each.breach_reason, each.subject)
                    for each in missed[:_ROWS]
                ),
                left_out=max(0, len(missed) - _ROWS),
            ),
            self._block("at risk", risky),
            self._block("unassigned for an hour", free),
            _load(directory.members(team.name), items),
        ]
        if items or missed or any(row[1].strip("▁") for row in blocks[0].rows):
            self._post(f"lead-{team.name}", blocks, team.name)

    def _bounds(self, day: date) -> tuple[datetime, datetime]:
        midnight = datetime.combine(day, time(), self._zone)
        return midnight, datetime.combine(day + timedelta(days=1), time(), self._zone)

    def _flow(self, team: Team, backlog: int) -> Block:
        days = [self._bounds(self._day - timedelta(days=n)) for n in range(_DAYS, 0, -1)]
        flow = agenda.flow(self._tx, [team.name], days)
        return Block(
            title="created and resolved",
            rows=(
                ("created", sparkline(flow.created), str(flow.created[-1])),
                ("resolved", sparkline(flow.resolved), str(flow.resolved[-1])),
                ("open", "", str(backlog)),
            ),
        )

    def _block(self, title: str, items: Sequence[Item]) -> Block:
        some = items[:_ROWS]
        return Block(
            title=title,
            rows=tuple(self._row(item) for item in some),
            links=tuple(self._link(item) for item in some),
            left_out=len(items) - len(some),
        )

    def _row(self, item: Item) -> tuple[str, ...]:
        ticket, due, used = item.ticket, "", ""
        if item.due_at:
            local = item.due_at.astimezone(self._zone)
            due = self._desk.renderer.brief(self._agent.language, local)
            used = bar(item.used(self._now))
        return f"#{ticket.number}", ticket.priority, due, used, item.requester, ticket.subject

    def _link(self, item: Item) -> str:
        """A prefilled answer on the ticket: take it, or see all of it."""
        about = Notice(kind=Kind.DIGEST, to=self._to, at=self._now, unique="", ticket=item.ticket)
        verb = "/show" if item.ticket.owner else "/take"
        desk = self._desk.identity
        return f"{start(about, desk, desk.reply_address(about))}{percent(verb)}%0D%0A"

    def _post(self, what: str, blocks: Sequence[Block], team: str = "") -> None:
        filled = tuple(block for block in blocks if block.rows)
        if filled:
            Teller(self._writes, self._desk, self._now).to_agent(
                self._agent,
                Kind.DIGEST,
                unique=f"{what}-{self._agent.name}-{self._day}",
                title=team,
                blocks=filled,
            )


def _taken(left: dict[int, Item], is_wanted: Callable[[Item], bool]) -> list[Item]:
    """The items that are wanted, which are then no longer there for another list."""
    found = [item for item in left.values() if is_wanted(item)]
    for item in found:
        del left[item.ticket.number]
    return found


def _is_past(item: Item, now: datetime) -> bool:
    return item.due_at is not None and item.due_at < now


def _load(agents: Iterable[Agent], items: Sequence[Item]) -> Block:
    """How many open tickets each has, the one with the most being a full bar."""
    counts = {
        agent.name: sum(item.ticket.owner == agent.name for item in items) for agent in agents
    }
    most = max(counts.values(), default=0)
    rows = tuple(
        (name, str(count), share(100 * count // most)) for name, count in counts.items() if most
    )
    return Block(title="open tickets by agent", rows=rows)
