import path from 'node:path';
import { NodeClock } from '../node/clock.ts';
import { NodeDisk } from '../node/disk.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import { NodeRandom } from '../node/random.ts';
import { type Lock, type LockListener, takeLock } from '../store/records/lock.ts';

/** Takes the lock of a folder that is there. Rejects with EnsembleError('in-use') where another process has it. */
export function holdFolder(folder: string, listener?: LockListener): Promise<Lock> {
  const ports = {
    disk: new NodeDisk(),
    clock: new NodeClock(),
    random: new NodeRandom(),
    processFacts: new NodeProcessFacts(),
  };
  return takeLock(ports, path.join(folder, 'lock'), listener);
}
