import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { interop } from './support/requirements.ts';
import { RpcServer } from './support/rpc.ts';
import { seedAddress, withScene } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';
import { until } from './support/until.ts';

const MIB = 1024 * 1024;
const LIMITED = { downloadLimited: true, downloadLimit: 1000 };

interop('Transmission’s remote clients', ['libtorrent', 'opentracker', 'transmission'], true, () => {
  it('transmission-remote adds, chooses files, limits, pauses, fetches, checks, finds its torrents after a restart, and removes', () =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder, infoHash }) => {
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit: 4 * MIB });
      await seed.untilAnnounced();
      const root = await lab.makeFolder('down');
      const server = await RpcServer.open(lab, root);
      expect(await server.remote('-si')).toMatch(/RPC version: 17[^]*Download directory: .*\/down\n/);
      await server.remote('-d', '9000', '-u', '50', '--no-utp');
      expect(await server.remote('-si')).toMatch(
        /uTP enabled: No[^]*Upload speed limit: 50 kB\/s[^]*Download speed limit: 9\.00 MB\/s/,
      );

      const paused = await server.remote('-a', torrent, '-w', `${root}/films`, '-S');
      expect(paused).toContain('success');
      expect(await server.remote('-l')).toMatch(/^ +1 +0% +None +Unknown .* Stopped +multi$/m);
      expect(await server.remote('-a', torrent)).toContain('success');
      await server.remote('-t', '1', '-G', '5', '-ph', '4', '-d', '300', '-sr', '0.5', '-pr', '30');
      expect(await server.remote('-t', '1', '-f')).toMatch(/ 4: +0% High +Yes .*\n +5: +0% Normal +No .*first\.bin/);
      expect(await server.remote('-t', infoHash.toUpperCase(), '-i')).toMatch(
        /Hash: [0-9a-f]{40}[^]*Location: .*\/films[^]*Download Limit: 300 kB\/s[^]*Ratio Limit: 0\.5[^]*Peer limit: 30/,
      );
      await server.remote('-t', '1', '-s');
      await until('its peer', async () => {
        const out = await server.remote('-t', '1', '-ip');
        return out.includes(seedAddress()) ? out : undefined;
      });
      expect(await server.remote('-t', '1', '-it')).toMatch(/Tracker 0: [^]*Got a list of/);
      expect((await server.remote('-t', '1', '-ic')).replaceAll(/\s/g, '')).toMatch(/^[01]+$/);
      await server.remote('-t', '1', '-D');
      await until('all but one file', async () => {
        const out = await server.remote('-t', '1', '-i');
        return /Percent Done: 100%/.test(out) && /State: (?:Seeding|Idle)/.test(out) ? out : undefined;
      });
      const wanted = (await treeOf(folder)).filter((row) => !row.startsWith('multi/first.bin'));
      expect((await treeOf(`${root}/films`)).filter((row) => !row.startsWith('.'))).toEqual(wanted);

      await server.remote('-t', '1', '-g', '5');
      await until('the whole torrent', async () => (/^ +1 +100% /m.test(await server.remote('-l')) ? true : undefined));
      await server.remote('-t', '1', '-v');
      await server.remote('-t', 'all', '--reannounce');
      await until('the end of the check', async () =>
        /Seeding|Idle|Finished/.test(await server.remote('-l')) ? true : undefined,
      );
      await server.restart();
      expect(await server.remote('-t', '1', '-i')).toContain(infoHash);
      expect(await server.remote('-st')).toContain('CURRENT SESSION');
      expect(await server.remote('-pt')).toMatch(/Port is open: (?:Yes|No)/);
      await server.remote('-t', '1', '-S');
      await server.remote('-t', '1', '--remove-and-delete');
      expect(await treeOf(root)).toEqual([]);
      expect(await server.remote('-l')).not.toContain('multi');
      await server.remote('-a', `magnet:?xt=urn:btih:${infoHash}`, '-S');
      expect(await server.remote('-l')).toMatch(/^ +2 .* Stopped /m);
      await expect(server.remote('-n', 'me:wrong', '-l')).rejects.toThrow('wrong or missing');
      await server.remote('--exit');
      expect(await server.child.ends(10)).toEqual({ code: 0, signal: null });
    }));

  it('Sonarr grabs an episode, sees it come, finds it where it said, and removes it; @ctrl/transmission runs its whole repertoire beside it', () =>
    withScene({ payload: PAYLOADS.single, tracker: 'http' }, async ({ lab, torrent, folder, infoHash }) => {
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit: 4 * MIB });
      await seed.untilAnnounced();
      const root = await lab.makeFolder('down');
      const server = await RpcServer.open(lab, root);
      const client = server.libraries();

      // Its test of the connection, then what its grab and its queue ask for.
      const config = await client.sonarr('session-get');
      expect([config['rpc-version'], config.version, config['download-dir']]).toEqual([
        17,
        expect.stringMatching(/^4\.0/),
        root,
      ]);
      const metainfo = (await readFile(torrent)).toString('base64');
      await client.sonarr('torrent-add', { metainfo, paused: false, 'download-dir': `${root}/tv`, labels: ['tv'] });
      await client.sonarr('torrent-set', {
        ids: [infoHash],
        seedRatioLimit: 0.01,
        seedRatioMode: 1,
        seedIdleLimit: 60,
        seedIdleMode: 1,
      });
      await client.sonarr('queue-move-top', { ids: [infoHash] });
      const fields = [
        'id',
        'hashString',
        'name',
        'downloadDir',
        'totalSize',
        'leftUntilDone',
        'isFinished',
        'eta',
        'status',
        'secondsDownloading',
        'secondsSeeding',
        'errorString',
        'uploadedEver',
        'downloadedEver',
        'seedRatioLimit',
        'seedRatioMode',
        'seedIdleLimit',
        'seedIdleMode',
        'fileCount',
        'file-count',
        'labels',
      ];
      const done = await until('what Sonarr takes for completed', async () => {
        const [one] = (await client.sonarr('torrent-get', { fields })).torrents;
        return one.totalSize > 0 && one.leftUntilDone === 0 && [0, 5, 6].includes(one.status) ? one : undefined;
      });
      expect(done).toMatchObject({
        hashString: infoHash,
        downloadDir: `${root}/tv`,
        errorString: '',
        'file-count': 1,
        seedRatioMode: 1,
        seedIdleLimit: 60,
        labels: ['tv'],
      });
      expect(await treeOf(`${root}/tv`)).toEqual(await treeOf(folder));

      const all = await client.ctrl('getAllData');
      expect(all.torrents).toMatchObject([{ name: 'single.bin', progress: 1, isCompleted: true }]);
      expect((await client.ctrl('getTorrent', infoHash)).savePath).toBe(`${root}/tv`);
      for (const call of [
        'pauseTorrent',
        'resumeTorrent',
        'verifyTorrent',
        'reannounceTorrent',
        'queueTop',
        'queueUp',
        'queueDown',
        'queueBottom',
      ]) {
        expect([call, (await client.ctrl(call, infoHash)).result]).toEqual([call, 'success']);
      }
      expect((await client.ctrl('setTorrent', 1, LIMITED)).result).toBe('success');
      expect((await client.ctrl('listTorrents', [1], Object.keys(LIMITED))).arguments.torrents).toMatchObject([
        LIMITED,
      ]);
      expect((await client.ctrl('getSession')).arguments['rpc-version-semver']).toBe('5.3.0');
      expect((await client.ctrl('setSession', { 'dht-enabled': false })).result).toBe('success');
      expect((await client.ctrl('freeSpace', root)).arguments['size-bytes']).toBeGreaterThan(0);
      await server.restart();
      expect((await client.ctrl('addTorrent', metainfo)).arguments['torrent-duplicate']).toMatchObject({
        id: 1,
        hashString: infoHash,
      });
      const other = 'c'.repeat(40);
      const options = { 'download-dir': root, paused: true };
      expect(
        (await client.ctrl('addMagnet', `magnet:?xt=urn:btih:${other}`, options)).arguments['torrent-added'].id,
      ).toBe(2);
      expect((await client.ctrl('removeTorrent', other, true)).result).toBe('success');

      // transmission-remote 3.00 cannot rename; transmission-qt and the web client ask like this.
      const renamed = { path: 'single.bin', name: 'episode.bin' };
      expect(await client.sonarr('torrent-rename-path', { ids: [infoHash], ...renamed })).toEqual({
        id: 1,
        ...renamed,
      });
      expect((await client.ctrl('getAllData')).torrents).toMatchObject([{ name: 'episode.bin', progress: 1 }]);
      expect(await treeOf(`${root}/tv`)).toEqual(
        (await treeOf(folder)).map((one) => one.replace('single.bin', 'episode.bin')),
      );

      await client.sonarr('torrent-remove', { ids: [infoHash], 'delete-local-data': true });
      expect((await client.sonarr('torrent-get', { fields: ['id'] })).torrents).toEqual([]);
      expect(await treeOf(root)).toEqual([]);
      expect(JSON.parse(await server.kept())).toMatchObject({ version: 1 });
    }));
});
