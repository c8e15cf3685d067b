"""What happens between several people, or on several tickets."""

from __future__ import annotations

from tests.servers.desk import ADDRESS
from tests.work.day.day import CONTROL, Day
from tests.work.day.stories import Scene, Steps, Story


def duplicate(day: Day, scene: Scene) -> Steps:
    """Two report the same: merged, and both hear the end of it."""
    who, colleague, agent = scene.who, scene.colleague, scene.agent
    first = day.writes(who, f"No {scene.thing} on floor two", "All of them are off.")
    yield
    second = day.writes(colleague, f"Floor two: {scene.thing} off", "Nothing works here.")
    yield
    day.answers(agent, first, "/take")
    yield
    day.answers(agent, second, f"/merge #{first}")
    yield
    day.answers(colleague, second, "The fuse has blown, I think.")
    yield
    day.answers(agent, first, "/resolve fixed\nThere is a new fuse.")
    told = {
        who: "acknowledgement resolution",
        colleague: "resolution",
        agent: "new_ticket requester_replied",
        scene.mate: "new_ticket",
    }
    day.ends(
        "duplicate", first, "resolved", requester=who, owner=agent, public=3, notes=1, told=told
    )
    merged = {
        colleague: "acknowledgement merged",
        agent: "new_ticket answer",
        scene.mate: "new_ticket",
    }
    day.ends("merged", second, "cancelled", requester=colleague, public=1, notes=1, told=merged)


def split(day: Day, scene: Scene) -> Steps:
    """Two matters in one mail: the second gets a ticket of its own."""
    who, agent = scene.who, scene.agent
    first = day.writes(who, f"{scene.thing} and a key", "It is loud. And I need a key.")
    yield
    day.answers(agent, first, f'/take\n/split "Key for whoever has the {scene.thing}"')
    second = day.newest
    yield
    day.answers(agent, first, "/public\n/resolve fixed\nIt is quiet now.")
    yield
    day.answers(scene.mate, second, "/take\n/resolve done\nThe key is in your box.")
    told = {who: "acknowledgement resolution", agent: "new_ticket answer", scene.mate: "new_ticket"}
    day.ends("split", first, "resolved", requester=who, owner=agent, public=2, notes=1, told=told)
    told = {who: "acknowledgement resolution", scene.mate: "new_ticket"}
    day.ends("split off", second, "resolved", requester=who, owner=scene.mate, public=2, told=told)


def copied(day: Day, scene: Scene) -> Steps:
    """A colleague in copy reads along, and may answer."""
    who, colleague, agent = scene.who, scene.colleague, scene.agent
    ticket = day.writes(who, f"Our {scene.thing}", "We share it, and it is gone.", cc=(colleague,))
    yield
    day.answers(agent, ticket, "/take\nWho had it last?")
    yield
    day.answers(colleague, ticket, "I had it on Friday.")
    yield
    day.answers(agent, ticket, "/resolve fixed\nIt was in the meeting room.")
    told = {
        who: "acknowledgement public_reply resolution",
        colleague: "public_reply resolution",
        agent: "new_ticket requester_replied",
        scene.mate: "new_ticket",
    }
    day.ends("copied", ticket, "resolved", requester=who, owner=agent, public=4, told=told)


def on_behalf(day: Day, scene: Scene) -> Steps:
    """He called: the agent writes it down for him."""
    who, agent = scene.who, scene.agent
    text = f"/for {who.address}\n/via phone\n/take\nHis {scene.thing} has no power."
    ticket = day.writes(agent, f"{scene.thing} without power", text)
    yield
    day.answers(agent, ticket, "/public\n/resolve fixed\nThe plug was loose.")
    yield
    day.answers(who, ticket, "Thanks a lot!")
    told = {who: "acknowledgement resolution", agent: "answer"}
    day.ends("on behalf", ticket, "resolved", requester=who, owner=agent, public=3, told=told)


def control(day: Day, scene: Scene) -> Steps:
    """Two tickets with one mail to the control address."""
    who, colleague, agent = scene.who, scene.colleague, scene.agent
    first = day.writes(who, f"{scene.thing} licence", "My licence ends today.")
    yield
    second = day.writes(colleague, f"Licence of my {scene.thing}", "It has run out.")
    yield
    day.writes(agent, "both", f"#{first} #{second} /take\n#{second} /pri P4", to=CONTROL)
    day.reported(agent, "answer")
    yield
    day.answers(agent, first, "/resolve done\nIt runs another year.")
    yield
    day.writes(agent, "the other", f"#{second} /resolve done", to=CONTROL)
    day.reported(agent, "answer")
    for ticket, requester, public in ((first, who, 2), (second, colleague, 1)):
        told = {
            requester: "acknowledgement resolution",
            agent: "new_ticket",
            scene.mate: "new_ticket",
        }
        day.ends(
            "control", ticket, "resolved", requester=requester, owner=agent, public=public,
            told=told,
        )  # fmt: skip


def forwarded(day: Day, scene: Scene) -> Steps:
    """He wrote to an agent's own address, who forwards it: it is his ticket."""
    who, agent, mate = scene.who, scene.agent, scene.mate
    text = (
        "He wrote to me.\n\n---------- Forwarded message ---------\n"
        f"From: {who.shown}\nDate: Mon, Mar 2, 2026 at 8:40 AM\n"
        f"Subject: {scene.thing} on loan\nTo: {agent.shown}\n\n\n"
        f"May I have a {scene.thing} for a week?\n"
    )
    made = day.draft(agent, f"Fwd: {scene.thing} on loan", text)
    ticket = day.comes(agent, made, ADDRESS).ticket
    yield
    day.answers(mate, ticket, "/take\n/resolve done\nCome and fetch it.")
    yield
    day.answers(who, ticket, "Thank you!")
    told = {who: "acknowledgement resolution", agent: "answer", mate: "new_ticket"}
    day.ends(
        "forwarded", ticket, "resolved", requester=who, owner=mate, public=3, notes=1, told=told
    )


def by_two_roads(day: Day, scene: Scene) -> Steps:
    """The same mail comes by both addresses of the desk: it is one."""
    who, agent = scene.who, scene.agent
    other = ADDRESS.replace("help@", "it@")
    made = day.draft(who, f"{scene.thing} wanted", "One for our new trainee.", to=ADDRESS)
    made.replace_header("To", f"{ADDRESS}, {other}")
    ticket = day.comes(who, made, ADDRESS).ticket
    yield
    again = day.comes(who, made, other, key=f"again {ticket}")
    assert again.fate == "duplicate", again
    yield
    day.answers(agent, ticket, "/take\n/resolve done\nIt is there.")
    told = {who: "acknowledgement resolution", agent: "new_ticket", scene.mate: "new_ticket"}
    day.ends("by two roads", ticket, "resolved", requester=who, owner=agent, public=2, told=told)


TOGETHER: tuple[Story, ...] = (
    duplicate, split, copied, on_behalf, control, forwarded, by_two_roads,
)  # fmt: skip
