"""Messages come in any order, early, late or never."""

from __future__ import annotations

import threading

import pytest

from negw2v.distributed.mailbox import Mailbox, RoundGivenUpError


def test_messages_that_came_early_are_kept() -> None:
    mailbox = Mailbox()
    mailbox.put(3, "changes", 1, "one")
    mailbox.put(3, "merged", 1, "other kind")
    mailbox.begin(3)
    mailbox.put(3, "changes", 2, "two")
    assert mailbox.take(3, "changes", 2) == {1: "one", 2: "two"}
    assert mailbox.take(3, "merged", 1) == {1: "other kind"}


def test_messages_of_an_earlier_try_are_dropped() -> None:
    mailbox = Mailbox()
    mailbox.put(1, "changes", 1, "old")
    mailbox.begin(2)
    mailbox.put(1, "changes", 2, "late")
    mailbox.put(2, "changes", 1, "new")
    assert mailbox.take(2, "changes", 1) == {1: "new"}
    assert not mailbox._messages


def test_who_waits_is_told_that_the_round_is_given_up() -> None:
    mailbox = Mailbox()
    mailbox.begin(5)
    raised: list[type[BaseException]] = []

    def wait() -> None:
        try:
            mailbox.take(5, "changes", 1)
        except RoundGivenUpError as error:
            raised.append(type(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    mailbox.give_up(5)
    waiting.join()
    assert raised == [RoundGivenUpError]
    with pytest.raises(RoundGivenUpError):
        mailbox.take(5, "merged", 0)
    mailbox.begin(6)
    mailbox.put(6, "changes", 1, "again")
    assert mailbox.take(6, "changes", 1) == {1: "again"}
