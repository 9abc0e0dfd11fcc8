import { MAX_TORRENT_BYTES } from '../../../core/base/bounds.ts';
import { EnsembleError } from '../../../core/base/errors.ts';
import { readPasted } from '../../../core/base/pasted.ts';
import type { Source } from '../../../core/engine/engine.ts';
import { format } from '../../format/format.ts';
import type { Offered } from '../../stores/batches.ts';
import { offer, say } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';

/** Files that were dropped or chosen: a torrent gets its dialog, several one together, in which the rest is refused with a sentence. */
export function takeFiles(files: readonly File[]): void {
  const torrents = files.filter(isTorrent);
  if (torrents.length > 1) {
    offer(files.map(offeredFile));
    return;
  }
  const others = files.filter((file) => !isTorrent(file));
  const [first] = others;
  if (others.length === 1 && first) refuse(text.refuse.notTorrent(first.name));
  else if (others.length > 1) refuse(text.refuse.severalNotTorrents(format.count(others.length)));
  offer(torrents.map(offeredFile));
}

/** A text that was pasted or dropped. Returns a sentence where nothing in it can be used. */
export function takeText(content: string): string | undefined {
  const { found, cut } = readPasted(content);
  offer(found.map((one) => (one.kind === 'magnet' ? offeredSource(one, null) : offeredUrl(one.url))));
  if (found.length > 0) return undefined;
  return cut === undefined ? text.refuse.noLink : text.refuse.cutHash(cut, format.count(cut.length));
}

/** A torrent file on a web server, which the program fetches. */
function offeredUrl(url: string): Offered {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  return { fileName: name === '' ? url : name, read: (client) => client.call('fetchTorrent', { url }) };
}

/** What is there already. */
export function offeredSource(source: Source, fileName: string | null): Offered {
  return { fileName, read: () => Promise.resolve(source) };
}

/** What a drop holds. */
export function takeDrop(data: DataTransfer): void {
  if (data.files.length > 0) {
    takeFiles([...data.files]);
  } else if (takeText(data.getData('text/uri-list') || data.getData('text/plain')) !== undefined) {
    refuse(text.refuse.nothingUseful);
  }
}

function offeredFile(file: File): Offered {
  const { name } = file;
  return {
    fileName: name,
    read: async () => {
      if (!isTorrent(file)) throw new EnsembleError('usage', text.refuse.notTorrent(name));
      if (file.size > MAX_TORRENT_BYTES) throw new EnsembleError('usage', text.refuse.tooLarge(name));
      try {
        return { kind: 'torrent', data: new Uint8Array(await file.arrayBuffer()) };
      } catch {
        // Gone, forbidden, or a folder with such a name.
        throw new EnsembleError('disk', text.refuse.unreadable(name));
      }
    },
  };
}

function isTorrent(file: File): boolean {
  return file.name.toLowerCase().endsWith('.torrent') || file.type === 'application/x-bittorrent';
}

function refuse(message: string): void {
  say({ tone: 'bad', message });
}
