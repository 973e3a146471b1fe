"""A mock for the whole run, and a sandbox in it for each test."""

import itertools
import os
import subprocess

import pytest

SPEC = "nuon"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def lockstep():
    """The base URL of a mock that lives as long as the run does, and no longer, even if the run is killed."""
    command = [os.environ.get("LOCKSTEP", "lockstep"), "mock", SPEC, "--listen", "127.0.0.1:0", "--exit-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        banner = iter(process.stdout.readline, "")
        ready = next((line for line in banner if line.startswith("listening on ")), None)
        assert ready, f"the mock ended with code {process.wait()} before it was ready; it has said why above"
        yield ready.removeprefix("listening on ").strip()
        process.stdin.close()


@pytest.fixture
def sandbox(lockstep):
    """The base URL of a state that no other test sees."""
    return f"{lockstep}/~test-{next(NUMBERS)}"
