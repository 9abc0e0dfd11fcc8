// Asks each machine of a group for pieces as somebody who does not know the group's secret: `node stranger.mjs URL BUCKET INFO-HASH`.
// Prints what came, one line for each request: status and bytes. NATS_CA names the certificate of the server.
import { createHmac } from 'node:crypto';
import { Kvm } from '@nats-io/kv';
import { connectTo } from './store_connection.mjs';

const [, , url = '', bucket = '', infoHash = ''] = process.argv;
const connection = await connectTo(url);
const members = await new Kvm(connection).open(`${bucket}-members`);
const path = `/${infoHash}/0`;
for await (const key of await members.keys('member.*')) {
  /** @type {{ exchange?: { hosts: string[], port: number } } | undefined} */
  const { exchange } = (await members.get(key))?.json() ?? {};
  if (exchange === undefined) continue;
  const base = `http://${exchange.hosts.find((one) => one.startsWith('10.'))}:${exchange.port}`;
  const first = await fetch(base + path);
  const [nonce] = /[0-9a-f]{32}/.exec(first.headers.get('www-authenticate') ?? '') ?? [];
  const mac = createHmac('sha256', 'guess').update(`ensemble pieces 1\nGET\n${path}\n\n${nonce}`).digest('hex');
  const wrong = await fetch(base + path, { headers: { authorization: `Ensemble nonce="${nonce}", mac="${mac}"` } });
  for (const answer of [first, wrong]) console.log(answer.status, (await answer.arrayBuffer()).byteLength);
}
await connection.close();
