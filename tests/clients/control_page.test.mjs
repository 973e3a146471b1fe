// The control page in a real browser: names and the live journal, masked; switches that switch; hostile names that do not run.
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { mock } from './mock.mjs';

const hush = 'kX93hd7Qw2ZpLm5T';
const hostile = `<img src=x onerror="window.ran=1"><script>window.ran=2</script>`;
let folder, browser, page, server;

const call = (method, path, body) => fetch(server.url + path, {
  method,
  headers: { authorization: 'Bearer test-admin', 'content-type': 'application/json' },
  body: body && JSON.stringify(body),
});

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  server = await mock('northflank', 'spice');
  browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  page = await browser.newPage();
});

after(async () => {
  await browser?.close();
  server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the page shows names and requests as they come, and its switches work', async () => {
  const trouble = [];
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('favicon') && trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => request.url().startsWith(server.url) || trouble.push(`it asks ${request.url()}`));
  const secrets = '/~team/spice/v1/apps/1/secrets';
  assert.equal((await call('POST', secrets, { name: 'FIRST', value: hush })).status, 200);

  await page.goto(`${server.url}/~team/_lockstep/`);
  await page.selectOption('#api', 'spice');
  await page.waitForFunction(() => document.querySelector('#things').textContent.includes('FIRST'));
  assert.equal(await page.inputValue('#sandbox'), 'team');

  // The journal is live.
  await call('GET', `${secrets}/NONE`);
  await page.waitForFunction(() => document.querySelector('#journal').textContent.includes('not-found'));

  // A switch has its effect, and is off again after a reset.
  await page.check('#fault-leak-in-list');
  await page.waitForFunction(() => document.querySelector('#fault-count').textContent === '1 on');
  assert.ok((await (await call('GET', secrets)).text()).includes(hush), 'the fault bites');
  await page.click('#calm');
  await page.waitForFunction(() => document.querySelector('#fault-count').textContent === 'all off');
  assert.ok(!(await (await call('GET', secrets)).text()).includes(hush));

  const before = await page.textContent('#now');
  await page.click('[data-advance="1h"]');
  await page.waitForFunction((before) => document.querySelector('#now').textContent !== before, before);

  // Not a value anywhere in the page, whatever was asked of the server.
  await call('PUT', `/~team/spice/${hush}?${hush}=${hush}`, hush);
  await page.waitForFunction(() => document.querySelector('#journal').textContent.includes('PUT /***'));
  assert.ok(!(await page.content()).includes(hush));

  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
  await page.click('#reset');
  await page.waitForFunction(() => !document.querySelector('#things').textContent.includes('FIRST'));
  assert.equal((await call('GET', `${secrets}/FIRST`)).status, 404);
  assert.deepEqual(trouble, []);
});

test('a hostile name is text', async () => {
  // An import can hold any name, whatever the API allows.
  const state = await (await fetch(`${server.url}/spice/_lockstep/state`)).json();
  const saved = state.apis.spice;
  saved.created += 1;
  saved.things.push({
    resource: 'secret', in: [['app', hostile]], identity: hostile, sequence: saved.created, fields: { name: hostile, value: hush },
    created: saved.clock.now, updated: saved.clock.now,
  });
  const imported = await fetch(`${server.url}/~bad/spice/_lockstep/state`, { method: 'PUT', body: JSON.stringify(state) });
  assert.equal(imported.status, 204);
  await page.goto(`${server.url}/~bad/_lockstep/`);
  await page.selectOption('#api', 'spice');
  await page.waitForFunction(() => document.querySelector('#things').textContent.includes('onerror'));
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.locator('#things img').count(), 0);
  assert.ok(!(await page.content()).includes(hush));
});

test('nothing but the page itself may run in it', async () => {
  const answer = await fetch(`${server.url}/_lockstep/`);
  const policy = answer.headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/);
  assert.ok(!policy.includes('unsafe'));
  assert.ok(!/(src|href)=/.test((await answer.text()).split('<script>')[0]), 'it loads nothing');
});
