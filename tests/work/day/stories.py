"""What happens between one requester and the desk, each told from its first mail to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.work.day.cast import CHIEF, CHO, Person
from tests.work.day.day import Day

#: Between two mails of a story other stories go on.
Steps = Iterator[None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who plays, and about what."""

    who: Person
    #: Another requester of the same house, for stories with two.
    colleague: Person
    korean: Person
    #: The agent of the service desk who works on it, and the other one.
    agent: Person
    mate: Person
    thing: str


Story = Callable[[Day, Scene], Steps]


def question(day: Day, scene: Scene) -> Steps:
    """Asked, answered for good, thanked for: thanks wake nobody."""
    who, agent = scene.who, scene.agent
    ticket = day.writes(who, f"How to use the {scene.thing}?", "I do not find its manual.")
    yield
    day.answers(agent, ticket, "/take\n/resolve answered\nIt is on the first page of our portal.")
    yield
    day.answers(who, ticket, "Thank you so much!")
    told = {who: "acknowledgement resolution", agent: "new_ticket", scene.mate: "new_ticket"}
    day.ends("question", ticket, "resolved", requester=who, owner=agent, public=3, told=told)


def problem(day: Day, scene: Scene) -> Steps:
    """Taken, noted, asked back, answered, solved: only its owner hears of it."""
    who, agent = scene.who, scene.agent
    ticket = day.writes(who, f"{scene.thing} is broken", f"My {scene.thing} does not start.")
    yield
    day.answers(agent, ticket, "/take")
    yield
    day.answers(agent, ticket, "/note\nThe same model failed last week.")
    yield
    day.answers(agent, ticket, "Does a light blink when you switch it on?")
    yield
    day.answers(who, ticket, "Yes, it blinks red twice.")
    yield
    day.answers(agent, ticket, "/resolve fixed\nWe have put a new power supply in.")
    told = {
        who: "acknowledgement public_reply resolution",
        agent: "new_ticket requester_replied",
        scene.mate: "new_ticket",
    }
    day.ends(
        "problem", ticket, "resolved", requester=who, owner=agent, public=4, notes=2, told=told
    )


def waiting(day: Day, scene: Scene) -> Steps:
    """Waits for its requester, who answers."""
    who, agent = scene.who, scene.agent
    ticket = day.writes(who, f"New {scene.thing}", f"I need another {scene.thing} on my desk.")
    yield
    day.answers(agent, ticket, "/take\n/wait customer\nA small one or a large one?")
    yield
    day.answers(who, ticket, "The small one will do.")
    yield
    day.answers(agent, ticket, "/resolve done\nIt stands on your desk.")
    told = {
        who: "acknowledgement public_reply resolution",
        agent: "new_ticket requester_replied",
        scene.mate: "new_ticket",
    }
    day.ends("waiting", ticket, "resolved", requester=who, owner=agent, public=4, told=told)


def wrong_team(day: Day, scene: Scene) -> Steps:
    """Came to the wrong team, is handed over, and goes on there."""
    who = scene.who
    ticket = day.writes(who, f"{scene.thing} gets no address", "It says: no lease offered.")
    yield
    day.answers(scene.agent, ticket, "/assign network")
    yield
    day.answers(CHO, ticket, "/take\nWhich socket does it hang on?")
    yield
    day.answers(who, ticket, "The one by the window.")
    yield
    day.answers(CHO, ticket, "/resolve fixed\nThe socket is patched now.")
    told = {
        who: "acknowledgement public_reply resolution",
        scene.agent: "new_ticket",
        scene.mate: "new_ticket",
        CHO: "assigned requester_replied",
    }
    day.ends(
        "wrong team", ticket, "resolved", requester=who, owner=CHO, team="network",
        public=4, notes=1, told=told,
    )  # fmt: skip


def handed_over(day: Day, scene: Scene) -> Steps:
    """One agent gives it to the other, with a word."""
    who, agent, mate = scene.who, scene.agent, scene.mate
    ticket = day.writes(who, f"{scene.thing} makes noise", "It hums all day.")
    yield
    day.answers(agent, ticket, f"/assign {mate.login}\n/note\nYou know this model better.")
    yield
    day.answers(mate, ticket, "/public\nI shall come by at two.")
    yield
    day.answers(mate, ticket, "/public\n/resolve fixed\nIts fan is cleaned.")
    told = {
        who: "acknowledgement public_reply resolution",
        agent: "new_ticket",
        mate: "new_ticket news",
    }
    day.ends(
        "handed over", ticket, "resolved", requester=who, owner=mate, public=3, notes=1, told=told
    )


def typo(day: Day, scene: Scene) -> Steps:
    """A mistake does nothing; one word does it after all."""
    who, agent = scene.who, scene.agent
    ticket = day.writes(who, f"{scene.thing} cable", f"The cable of the {scene.thing} is torn.")
    yield
    day.answers(agent, ticket, "/take\n/resovle fixed\nThere is a new cable.")
    yield
    day.answers(agent, ticket, "/ok")
    told = {
        who: "acknowledgement resolution",
        agent: "new_ticket command_error answer",
        scene.mate: "new_ticket",
    }
    day.ends("typo", ticket, "resolved", requester=who, owner=agent, public=2, notes=1, told=told)


def undone(day: Day, scene: Scene) -> Steps:
    """Taken by mistake, taken back, taken by the other."""
    who, agent, mate = scene.who, scene.agent, scene.mate
    ticket = day.writes(who, f"{scene.thing} too dark", "I cannot read it in the sun.")
    yield
    day.answers(agent, ticket, "/take\n/pri P4")
    yield
    day.answers(agent, ticket, "/undo")
    yield
    day.answers(mate, ticket, "/take\n/resolve fixed\nIt is brighter now.")
    told = {
        who: "acknowledgement resolution",
        agent: "new_ticket answer",
        mate: "new_ticket",
    }
    day.ends("undone", ticket, "resolved", requester=who, owner=mate, public=2, notes=2, told=told)


def complaint(day: Day, scene: Scene) -> Steps:
    """Not solved after all: an answer opens it again, and its owner hears of it."""
    who, agent = scene.who, scene.agent
    ticket = day.writes(who, f"{scene.thing} jams", "It jams each time.")
    yield
    day.answers(agent, ticket, "/take\n/resolve fixed\nWe have oiled it.")
    yield
    day.answers(who, ticket, "It jams again, just as before. Could you look once more?")
    yield
    day.answers(agent, ticket, "/resolve fixed\nIt has a new roller now.")
    yield
    day.answers(who, ticket, "It works, thanks.")
    told = {
        who: "acknowledgement resolution resolution",
        agent: "new_ticket requester_replied",
        scene.mate: "new_ticket",
    }
    day.ends("complaint", ticket, "resolved", requester=who, owner=agent, public=5, told=told)


def out_of_office(day: Day, scene: Scene) -> Steps:
    """His mail server answers, and is left alone; then he does."""
    who, agent = scene.who, scene.agent
    ticket = day.writes(who, f"{scene.thing} for a guest", "A guest needs one next week.")
    yield
    day.answers(agent, ticket, "/take\nFor how many days?")
    yield
    day.is_away(who, ticket)
    yield
    day.answers(who, ticket, "For three days.")
    yield
    day.answers(agent, ticket, "/resolve done\nIt waits at the front desk.")
    told = {
        who: "acknowledgement public_reply resolution",
        agent: "new_ticket requester_replied",
        scene.mate: "new_ticket",
    }
    day.ends(
        "out of office", ticket, "resolved", requester=who, owner=agent, public=4, notes=1,
        told=told,
    )  # fmt: skip


def closed_by_requester(day: Day, scene: Scene) -> Steps:
    """He asks how it stands, is answered, and closes it himself."""
    who, agent = scene.who, scene.agent
    ticket = day.writes(who, f"{scene.thing} is slow", "It takes minutes.")
    yield
    day.answers(who, ticket, "/status")
    yield
    day.answers(agent, ticket, "/take\nPlease switch it off and on again.")
    yield
    day.answers(who, ticket, "/close")
    told = {
        who: "acknowledgement answer public_reply",
        agent: "new_ticket requester_replied",
        scene.mate: "new_ticket",
    }
    day.ends(
        "closed by requester", ticket, "resolved", requester=who, owner=agent, public=2, notes=2,
        told=told,
    )  # fmt: skip


def vip(day: Day, scene: Scene) -> Steps:
    """The chief writes: no other road, but the agents see who it is."""
    ticket = day.writes(CHIEF, f"My {scene.thing}", f"The {scene.thing} is dead. I talk at ten.")
    yield
    day.answers(scene.agent, ticket, "/take\n/urgency high\nI am on my way.")
    yield
    day.answers(scene.agent, ticket, "/resolve workaround\nYou have mine until tomorrow.")
    yield
    day.answers(CHIEF, ticket, "Thanks, great help!")
    told = {
        CHIEF: "acknowledgement public_reply resolution",
        scene.agent: "new_ticket",
        scene.mate: "new_ticket",
    }
    day.ends("vip", ticket, "resolved", requester=CHIEF, owner=scene.agent, public=4, told=told)


def korean(day: Day, scene: Scene) -> Steps:
    """In Korean, to the agent who reads it."""
    who = scene.korean
    ticket = day.writes(who, f"VPN 연결 문제 ({scene.thing})", "아침부터 VPN에 연결할 수 없습니다.")
    yield
    day.answers(CHO, ticket, "/맡기\n어떤 오류 메시지가 보입니까?")
    yield
    day.answers(who, ticket, "인증서가 만료되었다고 나옵니다.")
    yield
    day.answers(CHO, ticket, "/해결\n인증서를 새로 발급했습니다.")
    yield
    day.answers(who, ticket, "감사합니다!")
    told = {
        who: "acknowledgement public_reply resolution",
        CHO: "new_ticket requester_replied",
    }
    day.ends(
        "korean", ticket, "resolved", requester=who, owner=CHO, team="network", public=5, told=told
    )


ALONE: tuple[Story, ...] = (
    question, problem, waiting, wrong_team, handed_over, typo, undone, complaint, out_of_office,
    closed_by_requester, vip, korean,
)  # fmt: skip
