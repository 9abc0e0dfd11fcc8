import { createServer } from 'node:http';
import { parseIp } from '../../core/base/ip.ts';

export interface FixedTracker {
  readonly url: string;
  close(): void;
}

/** A tracker that always answers with the same peers, so that no run meets peers of an earlier one. */
export async function fixedTracker(
  address: string,
  port: number,
  peers: () => readonly { readonly host: string; readonly port: number }[],
): Promise<FixedTracker> {
  const server = createServer((_request, response) => {
    const compact = Buffer.concat(
      peers().map((peer) => Buffer.from([...(parseIp(peer.host) ?? [0, 0, 0, 0]), peer.port >> 8, peer.port & 255])),
    );
    const head = `d8:intervali1800e12:min intervali1800e5:peers${compact.length}:`;
    response.end(Buffer.concat([Buffer.from(head), compact, Buffer.from('e')]));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return { url: `http://${address}:${port}/announce`, close: () => server.close().closeAllConnections() };
}
