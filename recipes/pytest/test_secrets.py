"""What an application's tests may look like: here of one that keeps its settings as secrets."""

import json
import urllib.request

import nuon
import pytest
from nuon.models.service_create_app_secret_request import ServiceCreateAppSecretRequest as Secret


@pytest.fixture
def apps(sandbox):
    configuration = nuon.Configuration(host=sandbox)
    configuration.api_key = {"APIKey": "test-admin", "OrgID": "test-org"}
    configuration.api_key_prefix = {"APIKey": "Bearer"}
    return nuon.AppsApi(nuon.ApiClient(configuration))


def names(apps):
    return [secret.name for secret in apps.get_app_secrets("first")]


def test_a_secret_is_listed_without_its_value(apps):
    apps.create_app_secret("first", Secret(name="database", value="hush"))
    assert names(apps) == ["database"]
    assert "hush" not in str(apps.get_app_secrets("first"))


def test_a_duplicate_is_refused(apps):
    apps.create_app_secret("first", Secret(name="database", value="one"))
    with pytest.raises(nuon.ApiException) as refused:
        apps.create_app_secret("first", Secret(name="database", value="two"))
    assert refused.value.status == 409


def test_each_test_begins_with_nothing(apps):
    assert names(apps) == []


def test_a_cleanup_deletes_each_secret_once(apps, sandbox):
    for secret in [apps.create_app_secret("first", Secret(name=name, value="hush")) for name in ("one", "two")]:
        apps.delete_app_secret("first", secret.id)
    with urllib.request.urlopen(f"{sandbox}/_lockstep/requests?method=DELETE&status=2xx") as answer:
        assert json.load(answer)["count"] == 2
