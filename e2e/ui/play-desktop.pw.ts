import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { type DesktopFront, asked, development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import { add, button, drop, row } from './support/hands.ts';
import { temporary } from './support/places.ts';

const SONG = 'song.mp3';

describe.skipIf(development.missing !== undefined)('the desktop application plays what still comes', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let swarm: LocalSwarm;
  let front: DesktopFront;

  beforeAll(async () => {
    place = await temporary();
    const folder = path.join(place.folder, 'swarm');
    await mkdir(folder);
    swarm = await startLocalSwarm({ folder, name: SONG, mebibytes: 8, seeds: 2, uploadRate: 200 * 1024 });
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
  });
  afterAll(async () => {
    await front?.quit();
    await swarm?.close();
    await place?.remove();
  });

  /** What the system is asked to open; it has a program for addresses, and for playlists only if `plays`. */
  const listen = (plays: boolean): Promise<void> =>
    front.app.evaluate(({ shell }, takes) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      const note = (what: string): void => void opened.push(what);
      shell.openPath = (file) => Promise.resolve(note(file)).then(() => (takes ? '' : 'No program is known.'));
      shell.openExternal = (url) => Promise.resolve(note(url));
    }, plays);
  const opened = (): Promise<string[]> =>
    asked(() => front.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened));

  it('by a playlist for the system’s player, from this machine alone', async () => {
    const { page } = front;
    await drop(page, [{ name: `${SONG}.torrent`, data: swarm.torrent }]);
    await add(page, SONG, { folder: path.join(place.folder, 'out'), identities: 2, assemble: false });
    await row(page, SONG).click();
    await page.getByRole('tab', { name: 'Files' }).click();
    await listen(true);
    await button(page, `Play ${SONG}`).click();
    await expect.poll(opened).toHaveLength(1);
    const list = await readFile((await opened())[0] ?? '', 'utf8');
    const url = /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/song\.mp3$/m.exec(list)?.[0] ?? '';
    expect(list.split('\n')).toEqual(['#EXTM3U', `#EXTINF:-1,${SONG}`, url, '']);
    // Its end comes long before it is its turn.
    const answer = await fetch(url, { headers: { range: 'bytes=-1000' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([206, 'audio/mpeg']);
    const end = Buffer.from(await answer.arrayBuffer());
    expect(end.equals((await readFile(swarm.payload)).subarray(-1000))).toBe(true);
    await expect(row(page, SONG)).not.toContainText('Complete');
  });

  it('by the browser where no program takes playlists, and says so', async () => {
    const { page } = front;
    await listen(false);
    await button(page, `Play ${SONG}`).click();
    await expect(page.getByText(`${SONG} opens in the browser`)).toBeVisible();
    expect(await opened()).toEqual([
      expect.stringMatching(/play\.m3u8$/),
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
    ]);
  });
});
