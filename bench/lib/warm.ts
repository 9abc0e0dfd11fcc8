import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

/** Memory that a run needs besides its payload. */
const MORE = 1024 * 1024 * 1024;

/** Uses memory once before anything is measured: in a virtual machine its first use is slow, and the first subject would pay for it. */
export function warm(bytes: number): void {
  const file = `/dev/shm/ensemble-bench-warm-${process.pid}`;
  const chunk = new Uint8Array(1 << 20).fill(1);
  const fd = openSync(file, 'w');
  for (let at = 0; at < bytes + MORE; at += chunk.length) writeSync(fd, chunk);
  closeSync(fd);
  rmSync(file);
}
