import { MAX_TORRENT_BYTES } from '../../../core/base/bounds.ts';
import { isMagnetLink } from '../../../core/base/magnet-link.ts';
import { format } from '../../format/format.ts';
import { offer, say } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';

/** Files that were dropped or chosen: each torrent gets its dialog, the rest is refused with a sentence. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  const torrents = files.filter(isTorrent);
  const others = files.filter((file) => !isTorrent(file));
  const [first] = others;
  if (others.length === 1 && first) refuse(text.refuse.notTorrent(first.name));
  else if (others.length > 1) refuse(text.refuse.severalNotTorrents(format.count(others.length)));
  for (const file of torrents) {
    if (file.size > MAX_TORRENT_BYTES) {
      refuse(text.refuse.tooLarge(file.name));
      continue;
    }
    try {
      offer({ kind: 'torrent', data: new Uint8Array(await file.arrayBuffer()) }, file.name);
    } catch {
      // Gone, forbidden, or a folder with such a name.
      refuse(text.refuse.unreadable(file.name));
    }
  }
}

/** A text that was pasted or dropped. Returns whether it held magnet links. */
export function takeText(content: string): boolean {
  const links = content.split(/\s+/).filter(isMagnetLink);
  for (const link of links) offer({ kind: 'magnet', link }, null);
  return links.length > 0;
}

/** What a drop holds. */
export function takeDrop(data: DataTransfer): void {
  if (data.files.length > 0) {
    void takeFiles([...data.files]);
  } else if (!takeText(data.getData('text/uri-list') || data.getData('text/plain'))) {
    refuse(text.refuse.nothingUseful);
  }
}

function isTorrent(file: File): boolean {
  return file.name.toLowerCase().endsWith('.torrent') || file.type === 'application/x-bittorrent';
}

function refuse(message: string): void {
  say({ tone: 'bad', message });
}
