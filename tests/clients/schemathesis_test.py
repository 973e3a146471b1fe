"""A fuzzer that nobody here wrote, with its default settings, against the mock: it finds no failure."""

import os
import subprocess
import sys
import sysconfig
import tempfile
import unittest

from mock import mock

DOCUMENTS = os.path.abspath("specs/vendors")


class Schemathesis(unittest.TestCase):
    def run_against(self, vendor, *headers):
        program = os.path.join(sysconfig.get_path("scripts"), "schemathesis")
        given = [part for header in headers for part in ("-H", header)]
        with mock(vendor) as url, tempfile.TemporaryDirectory() as folder:
            command = [program, "run", f"{DOCUMENTS}/{vendor}/openapi.yaml", "--url", url, *given]
            run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # It counts what it did: a run that did nothing would prove nothing.
        self.assertRegex(run.stdout, r"[1-9]\d{2,} generated")
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_spice(self):
        self.run_against("spice", "Authorization: Bearer test-admin")

    def test_nuon(self):
        self.run_against("nuon", "Authorization: Bearer test-admin", "X-Nuon-Org-ID: test-org")


if __name__ == "__main__":
    sys.exit(unittest.main())
