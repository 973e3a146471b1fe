"""One hundred parallel tests against one server, each in a sandbox of its own, with the vendor's unmodified client."""

import unittest
from concurrent.futures import ThreadPoolExecutor

import nuon
from nuon.models.service_create_app_secret_request import ServiceCreateAppSecretRequest as Secret

from mock import mock

TESTS = 100
NAMES = ["database", "queue", "mail"]


def client(url):
    configuration = nuon.Configuration(host=url)
    configuration.api_key = {"APIKey": "test-admin", "OrgID": "test-org"}
    configuration.api_key_prefix = {"APIKey": "Bearer"}
    return nuon.AppsApi(nuon.ApiClient(configuration))


def story(url, number):
    """What one test does: the same names as every other, values of its own length, one of them deleted."""
    apps = client(f"{url}/~parallel-{number}/nuon")
    assert apps.get_app_secrets("first") == []
    created = [apps.create_app_secret("first", Secret(name=name, value="x" * (number + 1))) for name in NAMES]
    try:
        apps.create_app_secret("first", Secret(name=NAMES[0], value="again"))
        raise AssertionError("a duplicate was taken")
    except nuon.ApiException as refused:
        assert refused.status == 409
    listed = apps.get_app_secrets("first")
    assert [(secret.name, secret.length) for secret in listed] == [(name, number + 1) for name in reversed(NAMES)]
    apps.delete_app_secret("first", created[1].id)
    assert [secret.name for secret in apps.get_app_secrets("first")] == [NAMES[2], NAMES[0]]
    return [secret.id for secret in created]


class Parallel(unittest.TestCase):
    def test_a_hundred_tests_do_not_meet(self):
        with mock() as url, ThreadPoolExecutor(max_workers=TESTS) as pool:
            ids = list(pool.map(lambda number: story(url, number), range(TESTS)))
            # The same seed and the same requests give the same ids, whatever the neighbours do.
            self.assertEqual([own for own in ids if own != ids[0]], [])
            self.assertEqual(client(f"{url}/nuon").get_app_secrets("first"), [])


if __name__ == "__main__":
    unittest.main()
