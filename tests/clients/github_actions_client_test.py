"""PyGithub, unmodified, against the mock: it seals with PyNaCl what the mock opens."""

import json
import unittest
import urllib.request

import github

from mock import mock


class GithubActionsClient(unittest.TestCase):
    def client(self, url, token="test-admin"):
        # The client waits a second between writes unless it is told otherwise.
        patient = {"seconds_between_requests": None, "seconds_between_writes": None, "retry": None, "lazy": True}
        return github.Github(base_url=url, auth=github.Auth.Token(token), **patient)

    def test_a_secret_lives_and_dies(self):
        with mock("github-actions") as url:
            repository = self.client(url).get_repo("octo-org/first")
            repository.create_secret("api_key", "hush, in öther letters")
            first = list(repository.get_secrets())[0]
            self.assertEqual((first.name, first.created_at), ("API_KEY", first.updated_at))
            repository.create_secret("API_KEY", "another")
            second = list(repository.get_secrets())[0]
            self.assertEqual((second.name, second.created_at), ("API_KEY", first.created_at))
            self.assertGreater(second.updated_at, first.updated_at)
            with urllib.request.urlopen(f"{url}/_lockstep/state") as answer:
                things = json.load(answer)["apis"]["github-actions"]["things"]
            stored = [thing["fields"]["encrypted_value"] for thing in things if thing["resource"] == "secret"]
            self.assertEqual(stored, ["another"])
            self.assertTrue(repository.delete_secret("api_key"))
            self.assertEqual(list(repository.get_secrets()), [])

    def test_environments_have_keys_and_secrets_of_their_own(self):
        with mock("github-actions") as url:
            repository = self.client(url).get_repo("octo-org/first")
            environment = repository.get_environment("production")
            self.assertNotEqual(environment.get_public_key().key_id, repository.get_public_key().key_id)
            environment.create_secret("KEY", "hush")
            self.assertEqual([secret.name for secret in environment.get_secrets()], ["KEY"])
            self.assertEqual(list(repository.get_secrets()), [])
            environment.delete_secret("KEY")
            self.assertEqual(list(environment.get_secrets()), [])

    def test_pages_are_followed_in_a_sandbox(self):
        with mock("github-actions") as url:
            repository = self.client(f"{url}/~pages").get_repo("octo-org/second")
            names = [f"KEY_{number:02}" for number in range(35)]
            for name in names:
                repository.create_secret(name, "hush")
            listed = repository.get_secrets()
            self.assertEqual(([secret.name for secret in listed], listed.totalCount), (names, 35))

    def test_refusals_are_the_clients_own_errors(self):
        with mock("github-actions") as url:
            with self.assertRaises(github.BadCredentialsException) as stranger:
                self.client(url, token="nobody").get_repo("octo-org/first").create_secret("KEY", "hush")
            self.assertEqual((stranger.exception.status, stranger.exception.data["message"]), (401, "Bad credentials"))
            with self.assertRaises(github.GithubException) as named:
                self.client(url).get_repo("octo-org/first").create_secret("GITHUB_KEY", "hush")
            self.assertEqual(named.exception.status, 422)
            with self.assertRaises(github.UnknownObjectException) as missing:
                list(self.client(url).get_repo("octo-org/none").get_secrets())
            self.assertEqual((missing.exception.status, missing.exception.data["message"]), (404, "Not Found"))


if __name__ == "__main__":
    unittest.main()
