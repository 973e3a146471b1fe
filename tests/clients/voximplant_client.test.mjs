// The vendor's own Node client, unmodified, against the mock. It insists on https to the vendor's host; through a proxy setting it
// sends its requests to the mock in absolute form.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { mock } from './mock.mjs';

const require = createRequire(import.meta.url);

async function client(url, folder) {
  process.env.https_proxy = url;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const credentials = { account_id: 1, key_id: 'test', private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
  const pathToCredentials = join(folder, 'credentials.json');
  await writeFile(pathToCredentials, JSON.stringify(credentials));
  const { default: VoximplantApiClient } = require('@voximplant/apiclient-nodejs');
  const api = new VoximplantApiClient({ pathToCredentials });
  await new Promise((resolve) => { api.onReady = resolve; });
  return api.Secrets;
}

test('a secret lives, changes its name and dies', async () => {
  const server = await mock('voximplant', '--as', 'observed');
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-'));
  try {
    const secrets = await client(server.url, folder);
    const added = await secrets.addSecret({ applicationId: 1, secretName: 'db', secretValue: 'hush', description: 'the database' });
    const { secretId } = added.result[0];
    const revealed = await secrets.getSecretValue({ applicationId: 1, secretId });
    assert.equal(revealed.result[0].secretValue, 'hush');
    assert.deepEqual((await secrets.setSecretInfo({ applicationId: 1, secretId, newSecretName: 'db2' })).result, 1);
    const listed = await secrets.getSecrets({ applicationId: 1 });
    assert.deepEqual(listed.result.map(({ secretName, description }) => [secretName, description]), [['db2', 'the database']]);
    const again = await secrets.addSecret({ applicationId: 1, secretName: 'db2', secretValue: 'other' });
    assert.equal(again.error.code, 493);
    assert.equal((await secrets.delSecret({ applicationId: 1, secretId: 'all' })).result, 1);
    assert.deepEqual((await secrets.getSecrets({ applicationId: 1 })).result, []);
  } finally {
    delete process.env.https_proxy;
    server.stop();
    await rm(folder, { recursive: true });
  }
});
