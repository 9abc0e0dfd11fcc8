// Nodes of bittorrent-dht, each at an address of its own. The first one asks all nodes of the lab for nodes again and again, and
// tells as a JSON line how many each named. For each hash on standard input it looks for peers, and tells those it finds.
// usage: dht_js_nodes.mjs '{ "addresses": [], "port": N, "all": ["host:port"] }'. Ends when its standard input does.
import { createInterface } from 'node:readline';
import DHT from 'bittorrent-dht';

/** @type {{ addresses: string[], port: number, all: string[] }} */
const { addresses, port, all } = JSON.parse(process.argv[2] ?? '');
const nodes = addresses.map((address, i) => {
  const bootstrap = [0, 1, 2, 3].map((n) => all[(i * 5 + n) % all.length] ?? '');
  const node = new DHT({ bootstrap, host: address });
  node.on('error', (error) => console.error(error.message));
  node.listen(port, address);
  return node;
});
const asker = nodes[0];
if (asker === undefined) throw new Error('no addresses');

/** @type {Map<string, number>} */
const named = new Map();
/** @param {string} place */
function ask(place) {
  if (asker === undefined) return;
  const [host = '', at] = place.split(':');
  const query = { q: 'find_node', a: { id: asker.nodeId, target: asker.nodeId } };
  // It has no public way to put a question to one node.
  asker._rpc.query({ host, port: Number(at) }, query, (error, answer) => {
    named.set(place, error ? 0 : (answer?.r?.nodes?.length ?? 0) / 26);
  });
}
setInterval(() => {
  for (const place of all) ask(place);
  console.log(JSON.stringify({ named: all.map((place) => named.get(place) ?? 0) }));
}, 2000);

asker.on('peer', (peer, infoHash) => {
  console.log(JSON.stringify({ infoHash: infoHash.toString('hex'), place: `${peer.host}:${peer.port}` }));
});
const input = createInterface({ input: process.stdin });
input.on('line', (infoHash) => asker.lookup(infoHash));
input.on('close', () => process.exit(0));
