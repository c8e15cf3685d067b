"""The servers that the other tests stand on do what they promise."""

from __future__ import annotations

import smtplib

import pika
import psycopg
import pytest

from tests.servers import postfix, sink
from tests.servers.ports import is_listening
from tests.servers.postgres import Postgres
from tests.servers.process import Process, wait_until
from tests.servers.redis import Redis

MAIL = b"Subject: hello\r\n\r\nThe printer is on fire.\r\n"


def send(port: int, *recipients: str, raw: bytes = MAIL) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="tests", timeout=10) as client:
        return client.sendmail("anna@example.org", recipients, raw)


def test_redis_comes_back_empty(redis_server: Redis, redis_url: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.set("bell", 1)
        redis_server.process.stop()
        redis_server.process.start()
        assert client.get("bell") is None


def test_postgres_keeps_what_was_committed_when_killed(postgres_server: Postgres) -> None:
    url = postgres_server.create_database()
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        connection.execute("CREATE TABLE mail (id integer)")
        connection.execute("INSERT INTO mail VALUES (1)")

    postgres_server.process.kill()
    postgres_server.process.start()

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT id FROM mail").fetchall() == [(1,)]


def test_rabbitmq_takes_a_message(rabbitmq_url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        channel = connection.channel()
        channel.queue_declare("probe")
        channel.basic_publish("", "probe", b"ring")
        wait_until(lambda: channel.basic_get("probe", auto_ack=True)[2] == b"ring")


def test_sink_keeps_bytes_and_recipients(mail_sink: sink.Sink) -> None:
    send(mail_sink.port, "help@example.org", "bo@example.org")

    (mail,) = mail_sink.wait_for(1)
    assert mail.raw == MAIL
    assert mail.recipients == ("help@example.org", "bo@example.org")


def test_sink_refuses_one_recipient_of_two(mail_sink: sink.Sink) -> None:
    mail_sink.replies["no@example.org"] = "550 5.1.1 unknown"

    refused = send(mail_sink.port, "yes@example.org", "no@example.org")

    assert refused == {"no@example.org": (550, b"5.1.1 unknown")}
    assert mail_sink.mails[0].recipients == ("yes@example.org",)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (sink.Behaviour.DEFER, smtplib.SMTPRecipientsRefused),
        (sink.Behaviour.REFUSE, smtplib.SMTPRecipientsRefused),
        (sink.Behaviour.DEFER_DATA, smtplib.SMTPDataError),
        (sink.Behaviour.REFUSE_DATA, smtplib.SMTPDataError),
        (sink.Behaviour.DROP, smtplib.SMTPServerDisconnected),
        (sink.Behaviour.CLOSED, (smtplib.SMTPServerDisconnected, ConnectionError)),
    ],
)
def test_sink_misbehaves_as_told(
    mail_sink: sink.Sink, behaviour: sink.Behaviour, error: type[Exception]
) -> None:
    mail_sink.behaviour = behaviour

    with pytest.raises(error):
        send(mail_sink.port, "help@example.org")

    assert len(mail_sink.mails) == (behaviour is sink.Behaviour.DROP)


@pytest.mark.parametrize("behaviour", [sink.Behaviour.HANG, sink.Behaviour.HANG_DATA])
def test_sink_hangs_until_the_client_gives_up(
    mail_sink: sink.Sink, behaviour: sink.Behaviour
) -> None:
    mail_sink.behaviour = behaviour

    with (
        smtplib.SMTP("127.0.0.1", mail_sink.port, local_hostname="tests", timeout=1) as client,
        pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)),
    ):
        client.sendmail("anna@example.org", "help@example.org", MAIL)


def test_sink_asks_for_a_password() -> None:
    with sink.running(users={"desk": "secret"}) as server:
        with pytest.raises(smtplib.SMTPSenderRefused):
            send(server.port, "help@example.org")
        with smtplib.SMTP("127.0.0.1", server.port, local_hostname="tests") as client:
            client.login("desk", "secret")
            client.sendmail("anna@example.org", "help@example.org", MAIL)
            client.sendmail("anna@example.org", "help@example.org", MAIL)

    assert [mail.connection for mail in server.mails] == [2, 2]
    assert {mail.user for mail in server.mails} == {"desk"}


def test_postfix_hands_mail_to_its_smarthost(mail_sink: sink.Sink) -> None:
    with postfix.running(smarthost_port=mail_sink.port) as mta:
        send(mta.port, "boss@example.org")

        (mail,) = mail_sink.wait_for(1)

    assert mail.raw.endswith(b"The printer is on fire.\r\n")


def test_postfix_accepts_for_its_domain_and_leaves_nothing_running(mta: postfix.Postfix) -> None:
    send(mta.port, "help@desk.test")

    wait_until(lambda: "help@desk.test" in mta.queue)
    mta.process.stop()
    wait_until(lambda: not is_listening(mta.port))


def test_server_that_cannot_start_shows_its_log(redis_server: Redis) -> None:
    log = redis_server.process.log.with_name("second.log")
    second = Process(redis_server.process.command, log=log, ready=lambda: False)

    with pytest.raises(RuntimeError, match="Address already in use"):
        second.start()
