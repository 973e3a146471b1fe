// What an application's tests may look like: here of one that keeps its settings as secrets.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';
import { lockstep } from './lockstep.mjs';

describe('settings', { concurrency: true }, () => {
  let mock;
  before(async () => { mock = await lockstep('northflank'); });
  after(() => mock.stop());

  const parameters = { projectId: 'first' };
  const data = { name: 'Settings', secretType: 'environment', priority: 10, secrets: { variables: { KEY: 'hush' } } };

  async function client(host = mock.sandbox()) {
    const context = new ApiClientInMemoryContextProvider();
    await context.addContext({ name: 'mock', token: 'test-admin', host });
    return new ApiClient(context, { throwErrorOnHttpErrorCode: false });
  }

  it('are listed without their values', async () => {
    const api = await client();
    await api.create.secret({ parameters, data });
    const listed = await api.list.secrets({ parameters });
    assert.deepEqual(listed.data.secrets.map(({ name }) => name), ['Settings']);
    assert.ok(!JSON.stringify(listed.data).includes('hush'));
  });

  it('are refused a second time under one name', async () => {
    const api = await client();
    await api.create.secret({ parameters, data });
    assert.equal((await api.create.secret({ parameters, data })).error.status, 409);
  });

  it('are deleted once', async () => {
    const sandbox = mock.sandbox();
    const api = await client(sandbox);
    await api.create.secret({ parameters, data });
    await api.delete.secret({ parameters: { ...parameters, secretId: 'settings' } });
    assert.equal(await mock.count(sandbox, { method: 'DELETE', status: '2xx' }), 1);
  });

  it('begin with nothing in each test', async () => {
    const api = await client();
    assert.deepEqual((await api.list.secrets({ parameters })).data.secrets, []);
  });
});
