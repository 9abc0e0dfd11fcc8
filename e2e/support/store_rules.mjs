// Writes what all identities that meet at a NATS server, or a cluster, agree on: `node store_rules.mjs URL BUCKET JSON`.
import { setTimeout as sleep } from 'node:timers/promises';
import { Kvm } from '@nats-io/kv';
import { connectTo, serversOf } from './store_connection.mjs';

const [, , url = '', bucket = '', rules = ''] = process.argv;
const connection = await connectTo(url);
const replicas = serversOf(url).length >= 3 ? 3 : 1;
// A cluster takes a moment until somebody leads it.
for (let tries = 0; ; tries++) {
  try {
    const kv = await new Kvm(connection).create(bucket, { history: 1, replicas });
    await kv.put('manifest', rules);
    break;
  } catch (error) {
    if (tries > 20) throw error;
    await sleep(500);
  }
}
await connection.close();
