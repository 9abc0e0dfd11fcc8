import { sameBytes } from '../base/bytes.ts';
import { Stopper, type StopSignal } from '../base/stopper.ts';
import type { Disk, DiskFile, FileInfo } from '../ports/disk.ts';
import { checkSignal } from './work.ts';

const CHUNK = 1024 * 1024;
const NEVER = new Stopper().signal;

/** Whether two paths are one file, or hold the same bytes, each of which is read. */
export async function sameContent(
  disk: Disk,
  [one, first]: readonly [string, FileInfo],
  [other, second]: readonly [string, FileInfo],
  counted: (bytes: number) => void = () => {},
  signal: StopSignal = NEVER,
): Promise<boolean> {
  if (first.id === second.id) return true;
  if (first.kind !== 'file' || second.kind !== 'file' || first.size !== second.size) return false;
  const a = await disk.open(one, 'read');
  try {
    const b = await disk.open(other, 'read');
    try {
      const [left, right] = [new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
      for (let at = 0; at < first.size; at += CHUNK) {
        checkSignal(signal);
        const length = Math.min(CHUNK, first.size - at);
        const whole = (await readAll(a, left, at, length)) && (await readAll(b, right, at, length));
        if (!whole || !sameBytes(left.subarray(0, length), right.subarray(0, length))) return false;
        counted(length);
      }
      return true;
    } finally {
      await b.close();
    }
  } finally {
    await a.close();
  }
}

async function readAll(file: DiskFile, into: Uint8Array, position: number, length: number): Promise<boolean> {
  for (let at = 0; at < length;) {
    const n = await file.read(into.subarray(at, length), position + at);
    if (n === 0) return false;
    at += n;
  }
  return true;
}
