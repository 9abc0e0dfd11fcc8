// The npm tracker over HTTP on loopback, and announces to it, for the findings. The packages are given by a script that lies beside them.
import http from 'node:http';

const HASH = '%01'.repeat(20);

export async function openTracker(Server, bencode) {
  const server = new Server({ udp: false, http: true, ws: false });
  server.on('warning', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.http.address();
  /** The ports of the peers in the compact answer to an announce. */
  const announce = (peerId, peerPort, more = '') =>
    new Promise((resolve, reject) => {
      const query = `info_hash=${HASH}&peer_id=-XX0001-${String(peerId).padStart(12, '0')}&port=${peerPort}&left=5&compact=1${more}`;
      http
        .get({ host: '127.0.0.1', port, path: `/announce?${query}`, agent: false }, (answer) => {
          const chunks = [];
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.on('end', () => {
            const { peers } = bencode.decode(Buffer.concat(chunks));
            const ports = [];
            for (let at = 4; at < peers.length; at += 6) ports.push(peers[at] * 256 + peers[at + 1]);
            resolve(ports.sort((a, b) => a - b));
          });
        })
        .on('error', reject);
    });
  return { announce };
}
