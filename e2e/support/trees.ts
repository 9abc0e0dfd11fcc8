import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files by path below the payload's folder; a single-file torrent has one path without a folder. */
export type Payload = Readonly<Record<string, number>>;

const KIB = 1024;

/** The payloads of the tests' torrents, by name. */
export const PAYLOADS = {
  /** One file, the last piece cut short. */
  single: { 'single.bin': 3 * KIB * KIB + 777 },
  /** Odd sizes: empty, of one byte, smaller than a piece, a whole number of pieces, over many pieces. */
  multi: {
    'multi/first.bin': 1_300_001,
    'multi/empty.txt': 0,
    'multi/sub/one': 1,
    'multi/sub/small.bin': 12_345,
    'multi/sub/deep/whole.bin': 8 * 64 * KIB,
    'multi/zz ünï.bin': 1_111_111,
  },
  /** Smaller than one piece. */
  tiny: { 'tiny.bin': 5_000 },
} as const satisfies Record<string, Payload>;

export type PayloadName = keyof typeof PAYLOADS;

/** Pseudorandom bytes, always the same for the same seed. */
function noise(length: number, seed: number): Uint8Array {
  const out = new Uint8Array(length);
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = state;
  }
  return out;
}

/** Writes a payload below `folder`; resolves to the name of its top file or folder. */
export async function makePayload(folder: string, files: Payload): Promise<string> {
  let seed = 1;
  for (const [path, length] of Object.entries(files)) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, noise(length, seed++));
  }
  return Object.keys(files)[0]?.split('/')[0] ?? '';
}

/** Path and hash of every file below `folder`, sorted; anything that is neither file nor folder is marked. */
export async function treeOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const rows = entries
    .filter((entry) => !entry.isDirectory())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const hash = entry.isFile()
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
        : 'no file';
      return `${path.slice(folder.length + 1)} ${hash}`;
    });
  return (await Promise.all(rows)).sort();
}
