"""A mock for the length of a test: starts the program, waits for its ready line, stops it."""

import contextlib
import os
import subprocess


@contextlib.contextmanager
def mock(*arguments):
    """Serves and gives the base URL."""
    program = os.environ.get("LOCKSTEP", "target/debug/lockstep")
    process = subprocess.Popen([program, "mock", *arguments, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if line.startswith("listening on "):
                yield line.removeprefix("listening on ").strip()
                break
        else:
            raise RuntimeError("the mock ended before it was ready")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
