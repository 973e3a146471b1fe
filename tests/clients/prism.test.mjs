// A mock that nobody here wrote keeps no state: the runner says so, and says nothing that is false of it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';
import { promisify } from 'node:util';

const lockstep = process.env.LOCKSTEP ?? 'target/debug/lockstep';
const document = 'specs/vendors/spice/openapi.yaml';

// Each of these was looked at by hand with curl: Prism answers from examples and schemas alone, and mends bytes that are not UTF-8
// without a word. Every secret is called `string` and has the id 0, whatever was written and wherever it is looked for, and HEAD is a 405.
const TRUE_OF_PRISM = [
  'auth/challenge', 'auth/unknown-refused', 'error/shape-documented', 'http/wrong-method-names-allowed', 'lifecycle/delete-removes-once',
  'input/invalid-refused', 'lifecycle/deleted-is-gone', 'lifecycle/missing-is-refused', 'lifecycle/shows-what-was-written', 'list/contains-created',
  'secrecy/mask-as-promised', 'concurrency/linearizable', 'concurrency/one-thing-after-race', 'http/head-like-get', 'identity/ids-unique',
  'identity/name-as-stated', 'isolation/scopes-apart',
];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function prism(port) {
  const program = createRequire(import.meta.url).resolve('@stoplight/prism-cli');
  const child = spawn(process.execPath, [program, 'mock', '-h', '127.0.0.1', '-p', String(port), document], { stdio: 'ignore' });
  for (let tries = 0; tries < 300; tries += 1) {
    if (await fetch(`http://127.0.0.1:${port}/v1/health`).then(() => true, () => false)) return child;
    await pause(200);
  }
  child.kill();
  throw new Error('Prism did not start within a minute');
}

test('a mock without state does not conform', async () => {
  const port = await freePort();
  const server = await prism(port);
  try {
    const args = ['check', 'spice', '--target', `http://127.0.0.1:${port}`, '-H', 'Authorization: Bearer t', '--param', 'appId=1'];
    const run = await promisify(execFile)(lockstep, args).catch((error) => error);
    assert.equal(run.code, 1, run.stdout);
    const found = [...run.stdout.matchAll(/^ +\d+\. (?:violation|advice) · (\S+)$/gm)].map((match) => match[1]);
    assert.ok(found.includes('lifecycle/deleted-is-gone') && found.includes('list/contains-created'), run.stdout);
    assert.deepEqual(found.filter((check) => !TRUE_OF_PRISM.includes(check)), []);
  } finally {
    server.kill();
  }
});
