"""The vendor's own Python client, unmodified, against the mock."""

import unittest

import onepasswordconnectsdk
from onepasswordconnectsdk.client import FailedToRetrieveItemException
from onepasswordconnectsdk.models import Field, Item, ItemVault

from mock import mock

VAULT = "first".ljust(26, "0")


def login(title, password):
    fields = [Field(purpose="USERNAME", label="username", value="somebody"), Field(purpose="PASSWORD", type="CONCEALED", label="password", value=password)]
    return Item(title=title, category="LOGIN", vault=ItemVault(id=VAULT), fields=fields)


class OnePasswordConnectClient(unittest.TestCase):
    def client(self, url, token="test-admin"):
        return onepasswordconnectsdk.new_client(url, token)

    def test_an_item_lives_and_dies(self):
        with mock("onepassword-connect") as url:
            connect = self.client(url)
            self.assertEqual([vault.name for vault in connect.get_vaults()], ["Production", "Staging"])
            made = connect.create_item(VAULT, login("Database", "hush"))
            self.assertEqual((len(made.id), made.version, made.vault.id), (26, 1, VAULT))
            read = connect.get_item("Database", "Production")
            self.assertEqual((read.id, [field.value for field in read.fields]), (made.id, ["somebody", "hush"]))
            self.assertTrue(all(len(field.id) == 26 for field in read.fields))
            read.fields[1].value = "another"
            changed = connect.update_item(made.id, VAULT, read)
            self.assertEqual((changed.id, changed.version, changed.fields[1].value), (made.id, 2, "another"))
            self.assertEqual((changed.created_at, changed.fields[1].id), (made.created_at, read.fields[1].id))
            self.assertEqual([item.title for item in connect.get_items(VAULT)], ["Database"])
            connect.delete_item(made.id, VAULT)
            self.assertEqual(connect.get_items(VAULT), [])

    def test_titles_may_come_twice_and_are_asked_for_exactly(self):
        with mock("onepassword-connect") as url:
            connect = self.client(url)
            for title in ["Twin", "Twin", "Twin set"]:
                connect.create_item(VAULT, login(title, "hush"))
            self.assertEqual(len(connect.get_items(VAULT, 'title eq "Twin"')), 2)
            with self.assertRaisesRegex(FailedToRetrieveItemException, "Found 2 items"):
                connect.get_item_by_title("Twin", VAULT)

    def test_refusals_are_the_clients_own_errors(self):
        with mock("onepassword-connect") as url:
            missing = "x" * 26
            with self.assertRaisesRegex(FailedToRetrieveItemException, f"404.*item {missing} not found") as refused:
                self.client(url).get_item_by_id(missing, VAULT)
            self.assertEqual(refused.exception.status_code, 404)
            with self.assertRaisesRegex(FailedToRetrieveItemException, "403"):
                self.client(url, "test-other").get_item_by_id(missing, VAULT)
            with self.assertRaisesRegex(FailedToRetrieveItemException, "write access"):
                self.client(url, "test-reader").create_item(VAULT, login("Database", "hush"))


if __name__ == "__main__":
    unittest.main()
