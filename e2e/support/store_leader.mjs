// Prints which server of a cluster leads a bucket: `node store_leader.mjs URL BUCKET`.
import { Kvm } from '@nats-io/kv';
import { connectTo } from './store_connection.mjs';

const [, , url = '', bucket = ''] = process.argv;
const connection = await connectTo(url);
const status = await (await new Kvm(connection).open(bucket)).status();
console.log(status.streamInfo.cluster?.leader ?? '');
await connection.close();
