// Writes what all identities that meet at a NATS server agree on: `node store_rules.mjs URL BUCKET JSON`.
import { connect } from '@nats-io/transport-node';
import { Kvm } from '@nats-io/kv';

const [, , url = '', bucket = '', rules = ''] = process.argv;
const { username, password, host } = new URL(url);
const connection = await connect({ servers: host, user: username, pass: decodeURIComponent(password) });
const kv = await new Kvm(connection).create(bucket, { history: 1 });
await kv.put('manifest', rules);
await connection.close();
