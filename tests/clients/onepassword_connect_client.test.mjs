// The vendor's own Node client, unmodified, against the mock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import connect from '@1password/connect';
import { mock } from './mock.mjs';

const { FullItem, ItemBuilder, OnePasswordConnect } = connect;
const vault = 'first'.padEnd(26, '0');
const client = (url, token = 'test-admin') => OnePasswordConnect({ serverURL: url, token, keepAlive: false });

const login = (title, password) =>
  new ItemBuilder()
    .setTitle(title)
    .setCategory(FullItem.CategoryEnum.Login)
    .addField({ label: 'password', purpose: 'PASSWORD', type: 'CONCEALED', value: password, sectionName: 'Access' })
    .addTag('made')
    .build();

test('an item lives and dies', async (t) => {
  const server = await mock('onepassword-connect');
  t.after(server.stop);
  const op = client(server.url);
  assert.deepEqual((await op.listVaults()).map(({ name }) => name), ['Production', 'Staging']);
  assert.equal((await op.getVaultByTitle('Production')).id, vault);
  const made = await op.createItem(vault, login('Database', 'hush'));
  assert.deepEqual([made.id.length, made.version, made.tags, made.sections.length], [26, 1, ['made'], 1]);
  const read = await op.getItemByTitle(vault, 'Database');
  assert.deepEqual(read.fields.map(({ value, section }) => [value, section.id]), [['hush', made.sections[0].id]]);
  read.fields[0].value = 'another';
  const changed = await op.updateItem(vault, read);
  assert.deepEqual([changed.id, changed.version, changed.fields[0].value], [made.id, 2, 'another']);
  assert.deepEqual((await op.listItems(vault)).map(({ title, fields }) => [title, fields]), [['Database', undefined]]);
  await op.deleteItem(vault, made.id);
  assert.deepEqual(await op.listItems(vault), []);
});

test('refusals reach the caller', async (t) => {
  const server = await mock('onepassword-connect');
  t.after(server.stop);
  await assert.rejects(client(server.url, 'nobody').listVaults(), { status: 401 });
  await assert.rejects(client(server.url, 'test-other').listItems(vault), { status: 403 });
  await assert.rejects(client(server.url).getItemById(vault, 'x'.repeat(26)), { status: 404 });
});
