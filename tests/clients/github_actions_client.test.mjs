// Octokit, unmodified, against the mock: values are sealed with libsodium itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Octokit } from '@octokit/rest';
import sodium from 'libsodium-wrappers';
import { mock } from './mock.mjs';

const client = (url, token = 'test-admin') => new Octokit({ auth: token, baseUrl: url, log: { debug() {}, info() {}, warn() {}, error() {} } });

async function sealed(value, key) {
  await sodium.ready;
  const closed = sodium.crypto_box_seal(sodium.from_string(value), sodium.from_base64(key, sodium.base64_variants.ORIGINAL));
  return sodium.to_base64(closed, sodium.base64_variants.ORIGINAL);
}

test('a secret of a repository lives and dies', async (t) => {
  const server = await mock('github-actions');
  t.after(server.stop);
  const { actions } = client(server.url).rest;
  const repository = { owner: 'octo-org', repo: 'first' };
  const { data: key } = await actions.getRepoPublicKey(repository);
  const written = { ...repository, secret_name: 'api_key', encrypted_value: await sealed('hush', key.key), key_id: key.key_id };
  assert.equal((await actions.createOrUpdateRepoSecret(written)).status, 201);
  assert.equal((await actions.createOrUpdateRepoSecret(written)).status, 204);
  const { data: read } = await actions.getRepoSecret({ ...repository, secret_name: 'Api_Key' });
  assert.deepEqual(Object.keys(read), ['name', 'created_at', 'updated_at']);
  assert.equal(read.name, 'API_KEY');
  assert.equal((await actions.deleteRepoSecret({ ...repository, secret_name: 'API_KEY' })).status, 204);
  await assert.rejects(actions.getRepoSecret({ ...repository, secret_name: 'API_KEY' }), { status: 404 });
});

test('secrets of an environment are sealed for the environment and come in pages', async (t) => {
  const server = await mock('github-actions');
  t.after(server.stop);
  const octokit = client(`${server.url}/~node`);
  const { actions } = octokit.rest;
  const environment = { owner: 'octo-org', repo: 'first', environment_name: 'production' };
  const { data: key } = await actions.getEnvironmentPublicKey(environment);
  for (const name of ['A', 'B', 'C', 'D', 'E']) {
    const encrypted_value = await sealed(`hush ${name}`, key.key);
    await actions.createOrUpdateEnvironmentSecret({ ...environment, secret_name: name, encrypted_value, key_id: key.key_id });
  }
  const all = await octokit.paginate(actions.listEnvironmentSecrets, { ...environment, per_page: 2 });
  assert.deepEqual(all.map(({ name }) => name), ['A', 'B', 'C', 'D', 'E']);
  const repository = { owner: 'octo-org', repo: 'first' };
  const { data: other } = await actions.getRepoPublicKey(repository);
  const foreign = { ...repository, secret_name: 'A', encrypted_value: await sealed('hush', key.key), key_id: other.key_id };
  await assert.rejects(actions.createOrUpdateRepoSecret(foreign), (error) => error.status === 422 && /improperly encrypted/.test(error.message));
});

test('refusals reach the caller', async (t) => {
  const server = await mock('github-actions');
  t.after(server.stop);
  const repository = { owner: 'octo-org', repo: 'first' };
  await assert.rejects(client(server.url, 'nobody').rest.actions.listRepoSecrets(repository), { status: 401 });
  await assert.rejects(client(server.url, 'test-other').rest.actions.listRepoSecrets(repository), { status: 404 });
});
