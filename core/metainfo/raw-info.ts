import { gate } from '../bencode/gate.ts';
import { TORRENT_LIMITS } from './parse-info.ts';

/** The bytes of the info dictionary of a torrent file, of which nothing else is looked at; undefined where it has none, or is no such file. */
export function rawInfoOf(file: Uint8Array): Uint8Array | undefined {
  try {
    const span = gate(file, TORRENT_LIMITS, ['info']).spans.get('info');
    return span && file.slice(span.start, span.end);
  } catch {
    return undefined;
  }
}
