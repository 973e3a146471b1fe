// One hundred parallel tests against one server, each in a sandbox of its own, with the vendor's unmodified client.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';
import { mock } from './mock.mjs';

const TESTS = 100;

describe('a hundred tests do not meet', { concurrency: TESTS }, () => {
  let server;
  before(async () => { server = await mock(); });
  after(() => server.stop());

  for (let number = 0; number < TESTS; number += 1) {
    it(`test ${number}`, async () => {
      const context = new ApiClientInMemoryContextProvider();
      await context.addContext({ name: 'mock', token: 'test-admin', host: `${server.url}/~parallel-${number}/northflank` });
      const api = new ApiClient(context, { throwErrorOnHttpErrorCode: false });
      const parameters = { projectId: 'first' };
      const data = { name: 'Shared name', secretType: 'environment', priority: 10, secrets: { variables: { KEY: `value ${number}` } } };
      assert.equal((await api.create.secret({ parameters, data })).data.id, 'shared-name');
      assert.equal((await api.create.secret({ parameters, data })).error.status, 409);
      const one = { ...parameters, secretId: 'shared-name' };
      assert.equal((await api.get.secret({ parameters: one })).data.secrets.variables.KEY, `value ${number}`);
      assert.deepEqual((await api.delete.secret({ parameters: one })).data, {});
      assert.deepEqual((await api.list.secrets({ parameters })).data.secrets, []);
    });
  }
});
