// A mock that nobody here wrote keeps no state: the runner says so, and says nothing that is false of it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';
import { promisify } from 'node:util';

const lockstep = process.env.LOCKSTEP ?? 'target/debug/lockstep';
// What is told of Prism, each looked at by hand with curl, with the reason: it answers from examples and schemas alone.
const TRUE_OF_PRISM = {
  'auth/asked-first': 'looks at the request before it looks for credentials',
  'auth/challenge': 'sends no WWW-Authenticate with its 401',
  'auth/malformed-refused': 'takes a token behind the name of any scheme',
  'auth/unknown-refused': 'takes any token',
  'concurrency/linearizable': 'a secret that was deleted is still read',
  'concurrency/one-create-wins': 'carries out every create of one name',
  'concurrency/one-thing-after-race': 'lists what its example has, whatever was created',
  'conflict/duplicate-refused': 'creates the same name again and again',
  'document/no-secret-in-url': 'the document sends the secret in the query',
  'document/refused-credentials-documented': 'the document has no 401',
  'error/shape-documented': 'answers with its own problem details',
  'http/head-like-get': 'refuses HEAD with a 405',
  'http/wrong-method-names-allowed': 'sends no Allow with its 405',
  'identity/ids-unique': 'every secret has the id 0 or `string`',
  'identity/name-as-stated': 'every secret is called `string`',
  'input/invalid-refused': 'mends bytes that are not UTF-8, and does not read that one of two parameters is required',
  'isolation/scopes-apart': 'shows the same secret in every scope',
  'lifecycle/delete-removes-once': 'deletes what was deleted before',
  'lifecycle/deleted-is-gone': 'shows what was deleted',
  'lifecycle/missing-is-refused': 'shows what never existed',
  'lifecycle/shows-what-was-written': 'shows its example in place of what was written',
  'list/contains-created': 'lists its example in place of what was created',
  'secrecy/mask-as-promised': 'masks with the word `string`',
  'status/refusal-documented': 'refuses with a 422 that the document does not have',
};

// The documents as they are published, and one with the vendor's claims beside it; for each what must be found.
const RUNS = [
  { spec: 'spice', document: 'specs/vendors/spice/openapi.yaml', param: 'appId=1', musts: ['lifecycle/deleted-is-gone', 'list/contains-created'] },
  { spec: 'fixtures/origin/spice.json', param: 'appId=1', musts: ['lifecycle/deleted-is-gone', 'list/contains-created', 'isolation/scopes-apart'] },
  { spec: 'fixtures/origin/nuon.yaml', param: 'app_id=app1', musts: ['conflict/duplicate-refused', 'concurrency/one-create-wins'] },
  { spec: 'fixtures/origin/voximplant.yaml', param: 'application_id=1', musts: ['auth/unknown-refused', 'identity/ids-unique'] },
];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function prism(port, document) {
  const program = createRequire(import.meta.url).resolve('@stoplight/prism-cli');
  const child = spawn(process.execPath, [program, 'mock', '-h', '127.0.0.1', '-p', String(port), document], { stdio: 'ignore' });
  for (let tries = 0; tries < 300; tries += 1) {
    if (await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false)) return child;
    await pause(200);
  }
  child.kill();
  throw new Error('Prism did not start within a minute');
}

for (const { spec, document = spec, param, musts } of RUNS) {
  test(`a mock without state does not conform to ${spec}`, async () => {
    const port = await freePort();
    const server = await prism(port, document);
    try {
      const args = ['check', spec, '--target', `http://127.0.0.1:${port}`, '-H', 'Authorization: Bearer t', '--param', param];
      const run = await promisify(execFile)(lockstep, args, { maxBuffer: 1 << 24 }).catch((error) => error);
      assert.equal(run.code, 1, `${run.stdout}${run.stderr}`);
      const found = [...run.stdout.matchAll(/^ +\d+\. (?:violation|advice) · (\S+)$/gm)].map((match) => match[1]);
      assert.deepEqual(musts.filter((check) => !found.includes(check)), [], run.stdout);
      assert.deepEqual(found.filter((check) => !(check in TRUE_OF_PRISM)), [], run.stdout);
    } finally {
      server.kill();
    }
  });
}
