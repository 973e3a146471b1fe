// The vendor's own Node client, unmodified, against the mock: create, list, read, update, delete, pages and errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';
import { mock } from './mock.mjs';

async function client(url, token = 'test-admin') {
  const context = new ApiClientInMemoryContextProvider();
  await context.addContext({ name: 'mock', token, host: url });
  return new ApiClient(context, { throwErrorOnHttpErrorCode: false });
}

const definition = (name) => ({ name, secretType: 'environment', priority: 10, secrets: { variables: { KEY: 'hush' } } });

test('a secret lives and dies, for a person and for a team', async (t) => {
  const server = await mock('northflank');
  t.after(server.stop);
  const api = await client(server.url);
  for (const parameters of [{ projectId: 'first' }, { teamId: 'test-team', projectId: 'first' }]) {
    const created = await api.create.secret({ parameters, data: definition('My App') });
    assert.equal(created.data.id, 'my-app');
    const listed = await api.list.secrets({ parameters });
    assert.deepEqual(listed.data.secrets.map(({ id, projectId, secrets }) => [id, projectId, secrets]), [['my-app', 'first', undefined]]);
    const one = { ...parameters, secretId: 'my-app' };
    assert.equal((await api.get.secret({ parameters: one })).data.secrets.variables.KEY, 'hush');
    assert.deepEqual((await api.update.secret({ parameters: one, data: { secrets: { variables: { OTHER: 'x' } } } })).data, {});
    assert.deepEqual((await api.get.secret({ parameters: one })).data.secrets.variables, { OTHER: 'x' });
    assert.deepEqual((await api.delete.secret({ parameters: one })).data, {});
    assert.equal((await api.get.secret({ parameters: one })).error.status, 404);
  }
});

test('pages end, and are complete', async (t) => {
  const server = await mock('northflank');
  t.after(server.stop);
  const api = await client(server.url);
  const parameters = { projectId: 'second' };
  for (const name of ['one', 'two', 'three', 'four', 'five']) await api.create.secret({ parameters, data: definition(name) });
  const all = await api.list.secrets.all({ parameters, options: { per_page: 2 } });
  assert.deepEqual(all.data.secrets.map(({ id }) => id), ['one', 'two', 'three', 'four', 'five']);
});

test('errors are JSON with the vendor\'s members', async (t) => {
  const server = await mock('northflank');
  t.after(server.stop);
  const api = await client(server.url);
  const parameters = { projectId: 'first' };
  await api.create.secret({ parameters, data: definition('Foo Bar') });
  const collision = await api.create.secret({ parameters, data: definition('foo-bar') });
  assert.equal(collision.error.status, 409);
  const invalid = await api.create.secret({ parameters, data: { ...definition('x'), priority: 101 } });
  assert.equal(invalid.error.status, 400);
  assert.deepEqual(Object.keys(invalid.error.details).sort(), ['name', 'priority']);
  const stranger = await client(server.url, 'wrong');
  assert.equal((await stranger.list.secrets({ parameters })).error.status, 401);
});
