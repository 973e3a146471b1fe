"""Vault's community client for Python, unmodified, against the mock: versions, check-and-set, soft deletes, and its errors."""

import unittest

import hvac
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

from mock import mock


class VaultClient(unittest.TestCase):
    def client(self, url, token="test-admin"):
        return hvac.Client(url=url, token=token)

    def read(self, kv, path, **arguments):
        return kv.read_secret_version(path, raise_on_deleted_version=True, **arguments)["data"]

    def test_a_secret_has_versions(self):
        with mock("vault-kv") as url:
            client = self.client(url)
            self.assertTrue(client.is_authenticated())
            kv = client.secrets.kv.v2
            first = kv.create_or_update_secret("app/database", {"password": "hush", "port": 5432}, cas=0)
            self.assertEqual((first["data"]["version"], first["data"]["destroyed"], first["data"]["deletion_time"]), (1, False, ""))
            self.assertEqual((first["lease_id"], first["renewable"], first["auth"]), ("", False, None))
            self.assertEqual(kv.patch("app/database", {"password": "hush-hush"})["data"]["version"], 2)
            latest = self.read(kv, "app/database")
            self.assertEqual(latest["data"], {"password": "hush-hush", "port": 5432})
            self.assertEqual(latest["metadata"]["version"], 2)
            self.assertEqual(self.read(kv, "app/database", version=1)["data"], {"password": "hush", "port": 5432})
            with self.assertRaises(InvalidRequest) as stale:
                kv.create_or_update_secret("app/database", {"password": "lost"}, cas=1)
            self.assertEqual(stale.exception.errors, ["check-and-set parameter did not match the current version"])
            self.assertEqual(self.read(kv, "app/database"), latest)

    def test_a_soft_delete_can_be_undone(self):
        with mock("vault-kv") as url:
            kv = self.client(url).secrets.kv.v2
            kv.create_or_update_secret("database", {"password": "hush"})
            kv.delete_latest_version_of_secret("database")
            hidden = kv.read_secret_version("database", raise_on_deleted_version=False)["data"]
            self.assertIsNone(hidden["data"])
            self.assertNotEqual(hidden["metadata"]["deletion_time"], "")
            with self.assertRaises(InvalidPath) as gone:
                self.read(kv, "database")
            self.assertNotIn("hush", gone.exception.text)
            kv.undelete_secret_versions("database", [1])
            self.assertEqual(self.read(kv, "database")["data"], {"password": "hush"})
            kv.delete_secret_versions("database", [1])
            kv.destroy_secret_versions("database", [1])
            kv.undelete_secret_versions("database", [1])
            destroyed = kv.read_secret_metadata("database")["data"]
            self.assertTrue(destroyed["versions"]["1"]["destroyed"])
            with self.assertRaises(InvalidPath):
                self.read(kv, "database")

    def test_lists_have_folders(self):
        with mock("vault-kv") as url:
            kv = self.client(url).secrets.kv.v2
            with self.assertRaises(InvalidPath):
                kv.list_secrets("")
            for path in ("foo", "foo/bar", "foo/baz/deep", "zoo"):
                kv.create_or_update_secret(path, {"value": "hush"})
            self.assertEqual(kv.list_secrets("")["data"]["keys"], ["foo", "foo/", "zoo"])
            self.assertEqual(kv.list_secrets("foo")["data"]["keys"], ["bar", "baz/"])
            kv.delete_metadata_and_all_versions("foo/bar")
            self.assertEqual(kv.list_secrets("foo/")["data"]["keys"], ["baz/"])

    def test_settings_hold(self):
        with mock("vault-kv") as url:
            kv = self.client(url).secrets.kv.v2
            kv.update_metadata("kept", max_versions=2, cas_required=True, custom_metadata={"owner": "jdoe"})
            metadata = kv.read_secret_metadata("kept")["data"]
            self.assertEqual((metadata["current_version"], metadata["max_versions"], metadata["versions"]), (0, 2, {}))
            with self.assertRaises(InvalidRequest) as blind:
                kv.create_or_update_secret("kept", {"value": "hush"})
            self.assertEqual(blind.exception.errors, ["check-and-set parameter required for this call"])
            for version in range(3):
                kv.create_or_update_secret("kept", {"value": f"hush-{version}"}, cas=version)
            metadata = kv.read_secret_metadata("kept")["data"]
            self.assertEqual((metadata["current_version"], metadata["oldest_version"], sorted(metadata["versions"])), (3, 2, ["2", "3"]))
            self.assertEqual(self.read(kv, "kept")["metadata"]["custom_metadata"], {"owner": "jdoe"})
            with self.assertRaises(InvalidPath):
                self.read(kv, "kept", version=1)

    def test_merge_patches_and_names(self):
        with mock("vault-kv") as url:
            client = self.client(url)
            client.secrets.kv.v2.create_or_update_secret("deep", {"a": {"b": "hush", "c": "hush"}, "d": "hush"})
            headers = {"Content-Type": "application/merge-patch+json"}
            patch = {"data": {"a": {"b": None}, "e": "more"}, "options": {"cas": 1}}
            patched = client._adapter.request("patch", "/v1/secret/data/deep", headers=headers, json=patch)
            self.assertEqual(patched["data"]["version"], 2)
            self.assertEqual(self.read(client.secrets.kv.v2, "deep")["data"], {"a": {"c": "hush"}, "d": "hush", "e": "more"})
            names = client.adapter.get("/v1/secret/subkeys/deep")
            self.assertEqual(names["data"]["subkeys"], {"a": {"c": None}, "d": None, "e": None})

    def test_wrong_tokens_are_denied(self):
        with mock("vault-kv") as url:
            for token in ("wrong", "test-expired", "test-other", None):
                with self.assertRaises(Forbidden) as denied:
                    self.client(url, token=token).secrets.kv.v2.read_secret_metadata("database")
                self.assertEqual(denied.exception.errors, ["permission denied"], token)
            with self.assertRaises(Forbidden):
                self.client(url, token="test-reader").secrets.kv.v2.create_or_update_secret("database", {"value": "hush"})


if __name__ == "__main__":
    unittest.main()
