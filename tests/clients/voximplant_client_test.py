"""The vendor's own Python client, unmodified, against the mock over TLS: its endpoint and its CA bundle are settings of its own."""

import json
import os
import tempfile
import unittest
from unittest import mock as patch

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from voximplant.apiclient import VoximplantAPI, VoximplantException

from mock import secure_mock


class VoximplantClient(unittest.TestCase):
    def client(self, url, folder):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = os.path.join(folder, "credentials.json")
        with open(path, "w", encoding="utf-8") as credentials:
            json.dump({"account_id": 1, "key_id": "test", "private_key": pem.decode()}, credentials)
        return VoximplantAPI(path, endpoint=url.removeprefix("https://"))

    def test_a_secret_lives_changes_and_dies(self):
        with secure_mock("voximplant") as (url, certificate), tempfile.TemporaryDirectory() as folder:
            with patch.patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": certificate}):
                api = self.client(url, folder)
                added = api.add_secret("db", "hush", application_id=1, description="the database")
                secret = added["result"]["secret_id"]
                listed = api.get_secrets(application_id=1)
                self.assertEqual([(entry["secret_name"], entry["description"]) for entry in listed["result"]], [("db", "the database")])
                revealed = api.get_secret_value(application_id=1, secret_id=secret)
                self.assertEqual(revealed["result"]["secret_value"], "hush")
                api.set_secret_info(application_id=1, secret_id=secret, new_secret_name="db2", secret_value="other")
                revealed = api.get_secret_value(application_id=1, secret_name="db2")
                self.assertEqual(revealed["result"]["secret_value"], "other")
                with self.assertRaises(VoximplantException) as duplicate:
                    api.add_secret("db2", "hush", application_id=1)
                self.assertEqual(duplicate.exception.code, 493)
                self.assertEqual(api.del_secret(application_id=1, secret_id=secret)["result"], 1)
                self.assertEqual(api.get_secrets(application_id=1)["result"], [])

    def test_a_client_that_does_not_trust_the_certificate_says_nothing(self):
        with secure_mock("voximplant") as (url, _), tempfile.TemporaryDirectory() as folder:
            with patch.patch.dict(os.environ):
                for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
                    os.environ.pop(name, None)
                with self.assertRaisesRegex(Exception, "CERTIFICATE_VERIFY_FAILED"):
                    self.client(url, folder).add_secret("db", "hush", application_id=1)


if __name__ == "__main__":
    unittest.main()
