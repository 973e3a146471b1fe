"""The vendor's own Python client, unmodified, against the mock: create, list, delete, and its errors."""

import unittest

import nuon
from nuon.models.service_create_app_secret_request import ServiceCreateAppSecretRequest as Secret

from mock import mock


class NuonClient(unittest.TestCase):
    def client(self, url, token="test-admin"):
        configuration = nuon.Configuration(host=url)
        configuration.api_key = {"APIKey": token, "OrgID": "test-org"}
        configuration.api_key_prefix = {"APIKey": "Bearer"}
        return nuon.AppsApi(nuon.ApiClient(configuration))

    def test_a_secret_lives_and_dies(self):
        with mock("nuon") as url:
            apps = self.client(url)
            created = apps.create_app_secret("first", Secret(name="database", value="hush"))
            self.assertEqual((created.name, created.app_id, created.org_id, created.length), ("database", "first", "test-org", None))
            listed = apps.get_app_secrets("first")
            self.assertEqual([(secret.id, secret.length) for secret in listed], [(created.id, 4)])
            self.assertIs(apps.delete_app_secret("first", created.id), True)
            self.assertEqual(apps.get_app_secrets("first"), [])

    def test_errors_have_the_vendors_form(self):
        with mock("nuon") as url:
            apps = self.client(url)
            apps.create_app_secret("first", Secret(name="taken", value="hush"))
            with self.assertRaises(nuon.ApiException) as duplicate:
                apps.create_app_secret("first", Secret(name="taken", value="other"))
            self.assertEqual(duplicate.exception.status, 409)
            with self.assertRaises(nuon.ApiException) as invalid:
                apps.create_app_secret("first", Secret(name="Upper", value="hush"))
            self.assertEqual((invalid.exception.status, invalid.exception.data.error), (400, "invalid input for Name"))
            self.assertNotIn("hush", invalid.exception.body)
            with self.assertRaises(nuon.ApiException) as unauthorized:
                self.client(url, token="wrong").get_app_secrets("first")
            self.assertEqual((unauthorized.exception.status, unauthorized.exception.data.user_error), (401, True))

    def test_the_observed_server_upserts(self):
        with mock("nuon", "--as", "observed") as url:
            apps = self.client(url)
            first = apps.create_app_secret("first", Secret(name="again", value="one"))
            second = apps.create_app_secret("first", Secret(name="again", value="three"))
            self.assertNotEqual(first.id, second.id)
            self.assertEqual([(secret.id, secret.length) for secret in apps.get_app_secrets("first")], [(first.id, 5)])


if __name__ == "__main__":
    unittest.main()
