import type { Locator } from '@playwright/test';
import { describe, it } from 'vitest';
import { expect } from './support/expect.ts';
import { fakeWindow, shown, shownOnPhone } from './support/fake-page.ts';
import { button, tabTo } from './support/hands.ts';
import { served } from './support/served.ts';

/** The ways out of a made-up machine: a line, a second one whose packets leave by the first, and a tunnel. */
describe.skipIf(served.missing !== undefined)('links', () => {
  const window = fakeWindow();
  const dialog = (name: string): Locator => window.page.getByRole('dialog', { name });
  const openLinks = async (): Promise<Locator> => {
    await button(window.page, 'Links').click();
    const view = dialog('Links');
    await expect(view.getByRole('table', { name: 'Links in use' })).toBeVisible();
    return view;
  };

  it('each link says what leaves by it, why it waits, and what sets it right', async () => {
    const { page } = window;
    await window.open('?links');
    const view = await openLinks();
    const use = view.getByRole('table', { name: 'Links in use' });
    await expect(use.getByRole('row', { name: /^Fibre/ })).toContainText('1 identity');
    await expect(use.getByRole('row', { name: /^Phone/ })).toContainText('waits: only while enp3s0 is down');
    await expect(use.getByRole('row', { name: /^Phone/ })).toContainText('this month');
    const machine = view.getByRole('table', { name: 'Addresses of this computer' });
    await expect(machine.getByRole('row', { name: /^192\.0\.2\.14/ })).toContainText('Right: leaves by it');
    await expect(machine.getByRole('row', { name: /^192\.0\.2\.15/ })).toContainText('A policy rule is missing');
    await expect(machine.getByRole('row', { name: /^192\.0\.2\.16/ })).toContainText('Tunnel');
    await expect(view).toContainText('192.0.2.14 and 192.0.2.15 leave by the same way');
    const commands = view.getByRole('region', { name: 'Commands for 192.0.2.15' });
    await expect(commands).toContainText('ip -4 rule add from 192.0.2.15 lookup 17700');
    await expect(commands).toContainText('ip -4 rule del priority 17702');
    await shown(page, 'links');
    await shownOnPhone(page, 'links', ['pre', 'thead']);
  });

  it('commands are copied, and links named, with the keyboard alone', async () => {
    const { page } = window;
    await window.open('?links');
    await page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write'])
      .catch(() => undefined);
    await tabTo(page, button(page, 'Links'));
    await page.keyboard.press('Enter');
    const view = dialog('Links');
    await tabTo(page, view.getByRole('button', { name: 'Copy the commands that set 192.0.2.15 right' }));
    await page.keyboard.press('Enter');
    await expect(page.getByText('Copied')).toBeVisible();
    await tabTo(page, view.getByRole('button', { name: 'Names and limits…' }));
    await page.keyboard.press('Enter');
    const settings = dialog('Settings');
    await expect(settings.getByRole('tab', { name: 'Links' })).toHaveAttribute('aria-selected', 'true');
    await tabTo(page, settings.getByRole('button', { name: 'Name a link' }));
    await page.keyboard.press('Enter');
    const fields = settings.getByRole('group', { name: 'New link' });
    await tabTo(page, fields.getByRole('textbox', { name: 'Name' }));
    await page.keyboard.type('Night');
    await tabTo(page, fields.getByRole('combobox', { name: 'Address or interface' }));
    await page.keyboard.type('wg0');
    await fields.getByRole('combobox', { name: 'Used when' }).selectOption('Between two times of the day');
    await fields.getByRole('radio', { name: /^Seed only/ }).check();
    await fields.getByRole('checkbox', { name: /^Metered/ }).check();
    await fields.getByRole('spinbutton', { name: 'Allowance' }).fill('12.5');
    await shown(page, 'settings-link');
    await tabTo(page, fields.getByRole('button', { name: 'Save' }));
    await page.keyboard.press('Enter');
    await expect(settings.getByRole('list', { name: 'Links with names' })).toContainText('Night');
    // What does not fit is said, and nothing is lost.
    await settings.getByRole('button', { name: 'Name a link' }).click();
    await fields.getByRole('textbox', { name: 'Name' }).fill('Night');
    await fields.getByRole('button', { name: 'Save' }).click();
    await expect(fields).toContainText('Another link has this name.');
    await fields.getByRole('button', { name: 'Cancel' }).click();
    await shown(page, 'settings-links');
    await shownOnPhone(page, 'settings-links');
  });

  it('a download picks links, and hears at once where two leave by the same way', async () => {
    const { page } = window;
    await window.open('?links');
    await button(page, 'Paste link').click();
    await page
      .getByRole('dialog')
      .getByRole('textbox')
      .first()
      .fill(`magnet:?xt=urn:btih:${'e'.repeat(40)}&dn=Film`);
    await page.keyboard.press('Enter');
    const adding = dialog('Add Film');
    await adding.getByRole('button', { name: /^Advanced/ }).click();
    const links = adding.getByRole('group', { name: 'Links' });
    const phone = links.getByRole('checkbox', { name: 'Phone' });
    await expect(phone).toHaveAccessibleDescription(/enp4s0 · wired · 192\.0\.2\.15 · Fetch only · waits: only while/);
    await links.getByRole('checkbox', { name: 'Fibre' }).check();
    await expect(links.getByRole('status')).toBeHidden();
    await phone.check();
    await expect(links.getByRole('status')).toContainText('Fibre and Phone leave by the same way');
    await shown(page, 'add-links');
    await phone.uncheck();
    await expect(adding.getByRole('spinbutton', { name: 'Identities' })).toHaveValue('1');
    await links.getByRole('checkbox', { name: 'Tunnel' }).check();
    await expect(adding.getByRole('spinbutton', { name: 'Identities' })).toHaveValue('2');
    await expect(links.getByRole('status')).toBeHidden();
    await shownOnPhone(page, 'add-links');
  });

  it('a download that runs gets other links', async () => {
    const { page } = window;
    await window.open('?links');
    const choose = async (): Promise<Locator> => {
      await page.getByRole('grid', { name: 'Downloads' }).getByRole('row').first().click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Choose links…' }).click();
      return page.getByRole('dialog', { name: /^Links of / });
    };
    const first = await choose();
    const save = first.getByRole('button', { name: 'Save' });
    await expect(save).toBeDisabled();
    await first.getByRole('checkbox', { name: 'Tunnel' }).check();
    await shown(page, 'choose-links');
    await save.click();
    await expect(first).toBeHidden();
    await expect((await choose()).getByRole('checkbox', { name: 'Tunnel' })).toBeChecked();
  });
});
