import { gate } from '../bencode/gate.ts';
import { TORRENT_LIMITS } from './parse-info.ts';

/** Parts of a torrent file, as they stand there. */
export interface RawParts {
  readonly info: Uint8Array;
  /** The piece layers (BEP 52), which nobody has looked at. */
  readonly layers: Uint8Array | undefined;
}

/** The info dictionary and piece layers of a torrent file, of which nothing else is looked at; undefined where it has none, or is no such file. */
export function rawPartsOf(file: Uint8Array): RawParts | undefined {
  try {
    const { spans } = gate(file, TORRENT_LIMITS, ['info', 'piece layers']);
    const [info, layers] = ['info', 'piece layers'].map((key) => {
      const span = spans.get(key);
      return span && file.slice(span.start, span.end);
    });
    return info && { info, layers };
  } catch {
    return undefined;
  }
}
