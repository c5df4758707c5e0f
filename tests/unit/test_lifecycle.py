"""The log of an object's life."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from negw2v import KeyedVectors, __version__


def test_what_an_event_says() -> None:
    vectors = KeyedVectors(2)
    vectors.add_lifecycle_event("checked", by="me")
    (event,) = vectors.lifecycle_events
    assert event["event"] == "checked"
    assert event["by"] == "me"
    assert event["negw2v"] == __version__
    assert event["python"] == sys.version
    assert event["platform"].startswith(f"{platform.system()}-{platform.release()}")


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system without a process elsewhere")
def test_the_first_event_of_a_process_starts_none() -> None:
    program = (
        "import sys\n"
        "from negw2v import KeyedVectors\n"
        "KeyedVectors(2).add_lifecycle_event('checked')\n"
        "print('subprocess' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True
    )
    assert run.stdout == "False\n"
