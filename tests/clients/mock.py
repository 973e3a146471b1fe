"""A mock for the length of a test: starts the program, waits for its ready line, stops it."""

import contextlib
import os
import subprocess


@contextlib.contextmanager
def mock(*arguments):
    """Serves and gives the base URL."""
    with _banner(*arguments) as banner:
        yield banner["listening on"]


@contextlib.contextmanager
def secure_mock(*arguments):
    """Serves https and gives the base URL with the path of the certificate to trust."""
    with _banner(*arguments, "--tls") as banner:
        yield banner["listening on"], banner["certificate:"]


@contextlib.contextmanager
def _banner(*arguments):
    program = os.environ.get("LOCKSTEP", "target/debug/lockstep")
    process = subprocess.Popen([program, "mock", *arguments, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    told = {}
    try:
        for line in process.stdout:
            for words in ("certificate:", "listening on"):
                if line.startswith(words):
                    told[words] = line.removeprefix(words).strip()
            if "listening on" in told:
                break
        else:
            raise RuntimeError("the mock ended before it was ready")
        yield told
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
