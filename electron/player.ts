import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shell } from 'electron';
import { EnsembleError } from '../core/base/errors.ts';
import type { PlayerService } from '../core/bridge/host/services.ts';
import type { Engine } from '../core/engine/engine.ts';
import { type FileServer, serveFiles } from '../core/entry/file-server.ts';
import { temporaryFolder } from '../core/entry/system-folders.ts';

/** The system's player for films and music, fed from a server on this machine alone, which listens from the first file on. */
export interface DesktopPlayer extends PlayerService {
  close(): Promise<void>;
}

export function desktopPlayer(engine: Engine): DesktopPlayer {
  let server: Promise<FileServer> | undefined;
  let folder: Promise<string> | undefined;
  return {
    play: async (key, file) => {
      const { result, options } = engine.download(key) ?? {};
      const its = engine.content(key)?.file(file);
      const whole = `${options?.output ?? ''}/${its?.path.join('/') ?? ''}`;
      if (result?.includes(whole) === true && (await shell.openPath(whole)) === '') return { by: 'player' };
      server ??= serveFiles(engine, { host: '127.0.0.1', port: 0 });
      const url = (await server).playUrl(key, file);
      if (url === undefined) throw new EnsembleError('usage', `There is no file ${file + 1} to play.`);
      // Players take addresses in playlists; what is registered for addresses is the browser.
      folder ??= temporaryFolder('ensemble-play-');
      const list = path.join(await folder, 'play.m3u8');
      const title = (its?.path.at(-1) ?? '').replaceAll(/[\r\n]/g, ' ');
      await writeFile(list, `#EXTM3U\n#EXTINF:-1,${title}\n${url}\n`, { mode: 0o600 });
      if ((await shell.openPath(list)) === '') return { by: 'player' };
      try {
        await shell.openExternal(url);
        return { by: 'browser' };
      } catch {
        throw new EnsembleError('usage', `No program here plays it. A player that takes addresses can open ${url}`);
      }
    },
    close: async () => {
      await (await server)?.close();
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
