// The HTML report in a real browser: it shows what was found, fetches nothing, and nothing of a hostile target's runs in it.
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const hostile = `</code></pre><script>window.ran = 1</script><img src="http://127.0.0.1:9/x" onerror="window.ran = 2"><svg onload="window.ran = 3">`;

const document = {
  openapi: '3.1.0',
  info: { title: `Hostile ${hostile}`, version: '1' },
  paths: {
    '/things/{id}': {
      get: {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'a thing', content: { 'application/json': { schema: { type: 'object' } } } } },
      },
    },
  },
};

let folder, server, browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-html-'));
  writeFileSync(join(folder, 'hostile.json'), JSON.stringify(document));
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': `text/${hostile}`, 'x-hostile': hostile });
    response.end(hostile);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

// The exit code is the verdict, so it is no error here.
const check = (...args) => new Promise(resolve => {
  execFile(resolvePath(process.env.LOCKSTEP ?? 'target/debug/lockstep'), ['check', ...args], { cwd: folder }, (error, out) => resolve({ code: error?.code ?? 0, out }));
});

// The page, with everything that it asked for beside itself, and everything that the browser had to say about it.
async function opened(file) {
  const page = await browser.newPage();
  const told = [];
  page.on('request', request => { if (request.url() !== pathToFileURL(file).href) told.push(request.url()); });
  page.on('console', message => told.push(message.text()));
  page.on('pageerror', error => told.push(String(error)));
  page.on('dialog', dialog => { told.push(dialog.message()); dialog.dismiss(); });
  await page.goto(pathToFileURL(file).href);
  return { page, told };
}

test('a report shows each defect once, its steps, and what every operation came to', async () => {
  const [html, json] = ['r.html', 'r.json'].map(name => join(folder, name));
  const { code } = await check('spice', '--fault', 'leak-in-list', '--report', `html=${html}`, '--report', `json=${json}`);
  assert.equal(code, 1);
  const report = JSON.parse(readFileSync(json, 'utf8'));
  const { page, told } = await opened(html);
  assert.equal(await page.title(), 'spice does not conform');
  const shown = await page.locator('section.findings summary code').allTextContents();
  assert.deepEqual(shown, [...new Set(report.findings.map(finding => finding.check))]);
  const first = page.locator('section.findings details').first();
  assert.deepEqual(await first.locator('li pre').allTextContents(), report.findings[0].reproduce);
  assert.ok(await first.locator('li pre').first().isVisible(), 'the first finding is open');
  assert.deepEqual(await first.locator('ol.steps li > span').allTextContents(), report.findings[0].plan, 'the steps, as a timeline');
  assert.equal(await first.locator('code.again').textContent(), `lockstep replay ${report.findings[0].saved}`);
  const operations = await page.locator('table.coverage tbody td:first-child').allTextContents();
  assert.deepEqual(operations, report.operations.map(operation => operation.operation));
  const callers = [...new Set(report.access.map(own => own.identity))];
  assert.deepEqual(await page.locator('table.access th').allTextContents(), ['operation', ...callers]);
  assert.ok(callers.length > 2, 'the run has callers with and without credentials');
  for (const row of await page.locator('table.access tbody tr').all()) {
    const [operation, ...cells] = await row.locator('td').allTextContents();
    for (const [place, caller] of callers.entries()) {
      const own = report.access.find(access => access.operation === operation && access.identity === caller);
      const told = [['own', own?.own], ["other's", own?.other], ['missing', own?.missing]].filter(([, statuses]) => statuses?.length);
      assert.equal(cells[place], told.map(([name, statuses]) => `${name} ${statuses.join(', ')}`).join(' · '), `${operation} ${caller}`);
    }
  }
  const silent = report.checks.filter(own => own.status === 'unexercised').map(own => own.id);
  assert.deepEqual(await page.locator('section.silent li code').allTextContents(), silent);
  assert.deepEqual(told, []);
  await page.close();
});

test('nothing of a hostile target runs, and what it said is there to be read', async () => {
  const html = join(folder, 'hostile.html');
  const target = `http://127.0.0.1:${server.address().port}`;
  const { code, out } = await check(join(folder, 'hostile.json'), '--target', target, '--param', 'id=1', '--report', `html=${html}`);
  assert.equal(code, 1, out);
  const { page, told } = await opened(html);
  const text = await page.locator('body').innerText();
  assert.ok(text.includes(`Hostile ${hostile}`), text);
  assert.ok((await page.locator('section.findings').textContent()).includes('window.ran = 1'), 'a finding quotes what came');
  assert.equal(await page.locator('script, img, svg').count(), 0);
  assert.equal(await page.evaluate('window.ran'), undefined);
  assert.deepEqual(told, []);
  await page.close();
});
