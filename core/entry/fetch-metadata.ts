import { type MagnetOptions, torrentOfMagnet } from '../lone/torrent-of-magnet.ts';
import { nodePorts } from '../node/node-ports.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import { CLIENT, VERSION } from './version.ts';

/** The torrent file that a magnet link stands for, fetched in this process: see `torrentOfMagnet`. */
export async function fetchMetadata(how: MagnetOptions): Promise<Uint8Array> {
  const ports = nodePorts({ version: VERSION, quickOnLoop: true });
  const program = { client: CLIENT, version: VERSION };
  try {
    return await torrentOfMagnet({ ...ports, processFacts: new NodeProcessFacts(), program }, how);
  } finally {
    await ports.hasher.close();
  }
}
