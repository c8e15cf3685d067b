"""What the fuzzer found worth keeping: the smallest inputs that reach all the code that it reached.

``python -m scripts.fuzz`` made them (docs/fuzzing.md); each is tried as it tries them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.fuzz.minimise import minimise
from scripts.fuzz.mutate import mutated, words
from scripts.fuzz.targets import TARGETS, check

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


def test_every_input_of_the_corpus_keeps_every_promise() -> None:
    for path in CORPUS:
        try:
            check(path.read_bytes())
        except Exception as err:
            raise AssertionError(f"{path.name}: {err}") from err


def test_the_corpus_has_inputs_for_every_target() -> None:
    chosen = {path.read_bytes()[0] % len(TARGETS) for path in CORPUS}

    assert chosen == set(range(len(TARGETS)))


def test_damage_is_the_same_for_the_same_seed() -> None:
    mails = [b"From: a@b.test\r\n\r\nHello.\r\n", b"Subject: x\r\n\r\n"]

    assert list(mutated(mails, 50, 7)) == list(mutated(mails, 50, 7))
    assert list(mutated(mails, 50, 7)) != list(mutated(mails, 50, 8))


@pytest.mark.parametrize("word", [b"\r\n--b\r\n", b"\x1b$B", b'"Jane Doe" <', b"\xe2\x80\xae"])
def test_the_dictionary_is_read_as_the_guided_fuzzer_reads_it(word: bytes) -> None:
    assert word in words()


def test_minimising_keeps_the_smallest_that_go_each_way(tmp_path: Path) -> None:
    corpus, kept = tmp_path / "corpus", tmp_path / "kept"
    corpus.mkdir()
    kept.mkdir()
    for name, data in {"a": b"\0\n\nHi", "b": b"\0\n\nHiHiHiHi", "c": b"\0" * 99}.items():
        (corpus / name).write_bytes(data)

    count = minimise(corpus, kept, most=50)

    assert count == 1
    assert [path.read_bytes() for path in kept.iterdir()] == [b"\0\n\nHi"]
