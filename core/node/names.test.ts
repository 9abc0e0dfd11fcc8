import { createSocket, type Socket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HostsFile } from './hosts-file.ts';
import { NodeNames } from './names.ts';

const OWN = '127.0.0.5';
const sockets: Socket[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

interface Question {
  readonly name: string;
  readonly type: number;
  readonly from: string;
}

/** A name server on loopback. `answer`: the addresses of a name; undefined: it does not know it; null: silence. */
async function server(answer: (name: string) => readonly string[] | undefined | null) {
  const asked: Question[] = [];
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.');
    const type = query.readUInt16BE(at + 1);
    asked.push({ name, type, from: from.address });
    const found = answer(name);
    if (found === null) return;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(found === undefined ? 0x8183 : 0x8180, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(found?.length ?? 0, 6);
    const records = (found ?? []).map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...records]), from.port, from.address);
  });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  return { asked, at: `127.0.0.1:${socket.address().port}` };
}

async function names(at: string | undefined, hosts = ''): Promise<NodeNames> {
  const folder = await mkdtemp(join(tmpdir(), 'ensemble-names-'));
  folders.push(folder);
  await writeFile(join(folder, 'hosts'), hosts);
  const servers = (): Promise<string[]> => Promise.resolve(at === undefined ? [] : [at]);
  return new NodeNames({ hosts: new HostsFile(join(folder, 'hosts')), servers });
}

describe('a bound look-up', () => {
  test("asks its link's own servers from its own address, for its own family, and remembers the answer", async () => {
    const dns = await server(() => ['10.1.2.3', '10.1.2.4']);
    const ours = await names(dns.at);
    const all = await Promise.all([ours.resolve('Tracker.example', OWN), ours.resolve('tracker.example', OWN)]);
    expect(await ours.resolve('tracker.example', OWN)).toEqual(all[0]);
    expect(all[0]).toEqual([
      { address: '10.1.2.3', family: 4 },
      { address: '10.1.2.4', family: 4 },
    ]);
    expect(dns.asked.map(({ type, from }) => [type, from])).toEqual([[1, OWN]]);
    expect(await ours.ownNameServers(OWN)).toBe(true);
  });

  test('takes what the hosts file says, as the system does, also once that has changed', async () => {
    const dns = await server(() => ['10.1.2.3']);
    const ours = await names(dns.at, '10.9.9.9 tracker.example\n2001:db8::1 six.example\n');
    expect(await ours.resolve('tracker.EXAMPLE.', OWN)).toEqual([{ address: '10.9.9.9', family: 4 }]);
    expect(await ours.resolve('localhost', OWN)).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(dns.asked).toEqual([]);
    expect(await ours.resolve('six.example', OWN)).toEqual([{ address: '10.1.2.3', family: 4 }]);
    await writeFile(join(folders[0] ?? '', 'hosts'), '10.8.8.88 tracker.example\n');
    expect(await ours.resolve('tracker.example.', OWN)).toEqual([{ address: '10.8.8.88', family: 4 }]);
  });

  test('of a name that nobody knows fails, and is asked again the next time', async () => {
    const dns = await server(() => undefined);
    const ours = await names(dns.at);
    for (let i = 0; i < 2; i++) {
      await expect(ours.resolve('none.example', OWN)).rejects.toMatchObject({
        code: 'network',
        message: expect.stringContaining('ENOTFOUND'),
      });
    }
    expect(dns.asked).toHaveLength(2);
  });

  test('sends nothing while the address is gone', async () => {
    const dns = await server(() => ['10.1.2.3']);
    const ours = await names(dns.at);
    await expect(ours.resolve('tracker.example', '192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL');
    expect(dns.asked).toEqual([]);
  });

  test('that the servers of its link do not answer is asked nowhere else', async () => {
    const ours = await names('127.0.0.1:9');
    await expect(ours.resolve('localhost.example', OWN)).rejects.toThrow('EAI_AGAIN');
  });

  test('is left alone while the servers cannot be found out', async () => {
    const ours = new NodeNames({ servers: () => Promise.reject(new Error('too slow')) });
    await expect(ours.resolve('localhost', OWN)).rejects.toMatchObject({ code: 'network' });
    expect(await ours.ownNameServers(OWN)).toBe(true);
  });

  test('without known servers is left to the system, and says so', async () => {
    const ours = await names(undefined);
    expect(await ours.ownNameServers(OWN)).toBe(false);
    expect(await ours.resolve('localhost', OWN)).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  test('of a literal is itself, where it is of its family', async () => {
    const ours = await names(undefined);
    expect(await ours.resolve('10.0.0.1', OWN)).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(await ours.resolve('2001:db8::1', OWN)).toEqual([]);
    expect(await ours.resolve('2001:db8::1')).toEqual([{ address: '2001:db8::1', family: 6 }]);
  });
});

test('a socket that is given a name gets addresses by the same way', async () => {
  const dns = await server(() => ['10.1.2.3']);
  const look = (await names(dns.at)).lookupFrom(OWN);
  const found = await new Promise((done) => look('a.example', { all: true }, (...result) => done(result)));
  expect(found).toEqual([null, [{ address: '10.1.2.3', family: 4 }]]);
  const one = await new Promise((done) => look('a.example', { family: 4 }, (...result) => done(result)));
  expect(one).toEqual([null, '10.1.2.3', 4]);
  const none = await new Promise((done) => look('a.example', { family: 6 }, (...result) => done(result)));
  expect(none).toMatchObject([{ code: 'ENOTFOUND' }, []]);
});
