import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { NATS } from '../sim/nat.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { routeBy, type RouterMood, SimRouter } from '../sim/router.ts';
import { LinkMapping, type MappingState } from './link-mapping.ts';

const OUR = '192.168.1.5';
const ROUTER = '192.168.1.1';
const PUBLIC = '93.184.216.34';
const PORTS = { tcp: 6881, udp: 6881 };

/** Our machine behind a router that is a NAT box. */
async function scene(mood: Partial<RouterMood> = {}, gateways: readonly string[] = []) {
  const clock = new VirtualClock();
  const random = new SeededRandom(7);
  const net = new SimNet(clock, random);
  const lan = net.behind(PUBLIC, NATS.restricted);
  const http = new SimHttp(clock);
  const host = lan.host([OUR]);
  const router = await SimRouter.start(clock, lan.host([ROUTER, '192.168.1.2']), http, lan.nat, {
    outer: PUBLIC,
    ...mood,
  });
  routeBy(host, ROUTER);
  const states: MappingState[] = [];
  const mapping: LinkMapping = new LinkMapping(
    { clock, random, net: host, http, interfaces: host },
    { address: OUR, gateways, changed: () => states.push(mapping.state) },
  );
  const until = (kind: MappingState['kind'], most = 300_000): Promise<boolean> =>
    clock.runUntil(() => mapping.state.kind === kind, most);
  return { clock, net, host, lan, http, router, mapping, states, until };
}

describe('a router is asked by what it speaks', () => {
  test.for<[string, Partial<RouterMood>, string]>([
    ['PCP', {}, 'pcp'],
    ['NAT-PMP alone', { pcp: false, upnp: false }, 'nat-pmp'],
    ['UPnP alone', { pcp: false, natPmp: false }, 'upnp'],
    ['UPnP where PCP is refused', { result: 2 }, 'upnp'],
    ['UPnP that makes permanent mappings alone', { pcp: false, natPmp: false, fault: 725 }, 'upnp'],
    ['UPnP that cannot read entries', { pcp: false, natPmp: false, noEntry: 401 }, 'upnp'],
  ])('%s', async ([, mood, by]) => {
    const s = await scene(mood);
    s.mapping.open(PORTS);
    expect(await s.until('mapped')).toBe(true);
    expect(s.mapping.state).toMatchObject({ by, host: PUBLIC, port: 6881 });
    expect(s.mapping.state).not.toHaveProperty('note');
    for (const transport of ['tcp', 'udp'] as const) {
      expect(s.router.behind(transport, 6881)).toMatchObject({ client: OUR, inner: 6881 });
    }
    await s.clock.resolve(s.mapping.close(true));
    expect(s.router.entries.size).toBe(0);
    // No timer is left.
    await s.clock.advance(200_000);
    expect(s.clock.pending).toBe(0);
  });

  test('one that ignores what is newer than NAT-PMP is asked by that too', async () => {
    const s = await scene({ pcp: false, upnp: false });
    // It answers version 0 alone.
    const answers = s.router.mood;
    answers.hangs = true;
    s.mapping.open(PORTS);
    await s.clock.advance(2_500);
    answers.hangs = false;
    expect(await s.until('mapped')).toBe(true);
    expect(s.mapping.state).toMatchObject({ by: 'nat-pmp' });
  });
});

test('the router is found however many descriptions others on the link offer, and few of those are read', async () => {
  const s = await scene({ pcp: false, natPmp: false });
  const liar = s.lan.host(['192.168.1.9']);
  let read = 0;
  const group = { host: '239.255.255.250', port: 1900 };
  const socket = await liar.datagram(
    { family: 4, localAddress: '192.168.1.9', port: 1900, multicast: { ttl: 2, groups: [group] } },
    {
      received: (data, from, port) => {
        const target = /^ST: (.*)$/m.exec(new TextDecoder().decode(data))?.[1]?.trim();
        if (target === undefined) return;
        for (let i = 0; i < 50; i++) {
          const answer = `HTTP/1.1 200 OK\r\nST: ${target}\r\nLOCATION: http://192.168.1.9:80/${i}\r\n\r\n`;
          socket.send(new TextEncoder().encode(answer), from, port);
        }
      },
    },
  );
  for (let i = 0; i < 50; i++) {
    s.http.on(`http://192.168.1.9:80/${i}`, () => (read++, { status: 404, body: new Uint8Array(0) }), '192.168.1.9');
  }
  s.mapping.open(PORTS);
  expect(await s.until('mapped')).toBe(true);
  expect(s.mapping.state).toMatchObject({ by: 'upnp', port: 6881 });
  expect(read).toBeLessThanOrEqual(10);
});

describe('outer ports that others have', () => {
  test.for<[string, Partial<RouterMood>]>([
    ['PCP', {}],
    ['NAT-PMP', { pcp: false, upnp: false }],
    ['UPnP', { pcp: false, natPmp: false }],
  ])('%s: another one is taken, and theirs stays', async ([, mood]) => {
    const s = await scene(mood);
    s.router.occupy('tcp', 6881);
    s.mapping.open(PORTS);
    expect(await s.until('mapped')).toBe(true);
    const { port = 0 } = s.mapping.state as { port?: number };
    expect(port).not.toBe(6881);
    expect(s.router.behind('tcp', port)).toMatchObject({ client: OUR, inner: 6881 });
    expect(s.router.behind('udp', port)).toMatchObject({ client: OUR, inner: 6881 });
    expect(s.router.behind('tcp', 6881)).toMatchObject({ client: '192.168.1.77' });
  });

  test('UPnP: one of our own machine, which would be replaced without a word, is left to it', async () => {
    const s = await scene({ pcp: false, natPmp: false });
    s.router.occupy('tcp', 6881, OUR, 7000);
    s.mapping.open(PORTS);
    expect(await s.until('mapped')).toBe(true);
    expect(s.router.behind('tcp', 6881)).toMatchObject({ inner: 7000 });
    expect(s.mapping.state).not.toMatchObject({ port: 6881 });
  });

  test('UPnP: where only UDP is taken, both move', async () => {
    const s = await scene({ pcp: false, natPmp: false });
    s.router.occupy('udp', 6881);
    s.mapping.open(PORTS);
    expect(await s.until('mapped')).toBe(true);
    expect(s.router.behind('tcp', 6881)).toBeUndefined();
    const { port = 0 } = s.mapping.state as { port?: number };
    expect([s.router.behind('tcp', port)?.inner, s.router.behind('udp', port)?.inner]).toEqual([6881, 6881]);
  });

  test('UPnP: four others at most', async () => {
    const s = await scene({ pcp: false, natPmp: false, fault: 718 });
    s.mapping.open(PORTS);
    expect(await s.until('unmapped')).toBe(true);
    expect(s.router.asked.filter((one) => one.startsWith('upnp Add'))).toHaveLength(5);
    expect(new Set(s.router.asked.filter((one) => one.startsWith('upnp Add'))).size).toBe(5);
  });
});

describe('a router that gives nothing costs the mapping alone', () => {
  test.for<[string, Partial<RouterMood>, RegExp]>([
    ['hangs', { hangs: true }, /answers no request.*UPnP/],
    ['is silent', { pcp: false, natPmp: false, upnp: false }, /answers no request/],
    ['refuses', { result: 2, fault: 606 }, /PCP: it does not allow that; UPnP: .*forward port 6881 to 192.168.1.5/],
    ['lies', { pcp: false, natPmp: false, lies: true }, /UPnP: it has no such mapping/],
    ['answers from elsewhere', { elsewhere: true, upnp: false }, /answers no request/],
    ['describes itself as what it is not', { pcp: false, natPmp: false, description: '<a/>' }, /answers no request/],
    ['describes itself without an end', { pcp: false, natPmp: false, description: '<a>' }, /answers no request/],
    [
      'sends us to this machine',
      { pcp: false, natPmp: false, location: 'http://127.0.0.1:5000/root.xml' },
      /answers no request/,
    ],
    [
      'sends us to another one',
      { pcp: false, natPmp: false, location: 'http://192.168.1.9:80/root.xml' },
      /answers no request/,
    ],
    [
      'sends us to our own address',
      { pcp: false, natPmp: false, location: `http://${OUR}:80/root.xml` },
      /answers no request/,
    ],
  ])('%s', async ([, mood, says]) => {
    const s = await scene(mood);
    s.mapping.open(PORTS);
    expect(await s.until('unmapped')).toBe(true);
    expect((s.mapping.state as { message?: string }).message).toMatch(says);
    for (const { url } of s.http.requests) expect(new URL(url).hostname).toBe(ROUTER);
    for (const { localAddress } of s.http.requests) expect(localAddress).toBe(OUR);
    await s.clock.resolve(s.mapping.close(true), 2_000);
  });

  test('calls to another host, which a description names, are not made', async () => {
    const service = (control: string): string =>
      `<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>${control}</controlURL></service>`;
    const description = `<root><URLBase>http://10.0.0.9/</URLBase>${service('http://8.8.8.8/x')}${service('/ctl')}</root>`;
    const s = await scene({ pcp: false, natPmp: false, description });
    s.mapping.open(PORTS);
    expect(await s.until('unmapped')).toBe(true);
    expect(s.http.requests.map(({ url }) => url)).toEqual([`http://${ROUTER}:5000/root.xml`]);
  });

  test('and is asked again later', async () => {
    const s = await scene({ result: 2, upnp: false });
    s.mapping.open(PORTS);
    expect(await s.until('unmapped')).toBe(true);
    s.router.mood.result = 0;
    expect(await s.until('mapped', 400_000)).toBe(true);
  });

  test('without a router in the table the one given by hand is asked, where it can be one of this link', async () => {
    const s = await scene({}, ['10.9.9.9', ROUTER, 'fe80::1', OUR]);
    s.host.table = [];
    s.mapping.open(PORTS);
    expect(await s.until('mapped')).toBe(true);
    const none = await scene({}, [OUR, '127.0.0.1']);
    none.host.table = [];
    none.mapping.open(PORTS);
    expect(await none.until('unmapped')).toBe(true);
    expect((none.mapping.state as { message?: string }).message).toMatch(/--gateway/);
  });

  test.for([
    ['a private one', '192.168.0.7', /another router/],
    ['a shared one of the provider', '100.64.3.4', /provider shares/],
  ] as const)('an outer address that is %s is said', async ([, outer, says]) => {
    const s = await scene({ outer });
    s.mapping.open(PORTS);
    expect(await s.until('mapped')).toBe(true);
    expect((s.mapping.state as { note?: string }).note).toMatch(says);
  });

  test('an empty outer address is an answer', async () => {
    const s = await scene({ pcp: false, natPmp: false, outer: '' });
    s.mapping.open(PORTS);
    expect(await s.until('mapped')).toBe(true);
    expect(s.mapping.state).toMatchObject({ port: 6881, note: expect.stringMatching(/does not tell/) as string });
    expect(s.mapping.state).not.toHaveProperty('host');
  });
});

describe('a mapping is kept', () => {
  test('renewed between half and three quarters of its time, for a day', async () => {
    const s = await scene({ pcp: false, upnp: false });
    s.mapping.open(PORTS);
    await s.until('mapped');
    const before = s.router.asked.length;
    for (let hour = 0; hour < 24; hour++) {
      await s.clock.advance(3_600_000);
      expect(s.router.behind('tcp', 6881), `hour ${hour}`).toBeDefined();
    }
    const renewals = (s.router.asked.length - before) / 2;
    expect(renewals).toBeGreaterThanOrEqual(24 / 0.75);
    expect(renewals).toBeLessThanOrEqual(24 / 0.5);
  });

  test('renewed in time where the router gives a minute', async () => {
    const s = await scene({ longest: 60 });
    s.mapping.open(PORTS);
    await s.until('mapped');
    for (let step = 0; step < 60; step++) {
      await s.clock.advance(10_000);
      expect(s.router.behind('tcp', 6881), `step ${step}`).toBeDefined();
    }
  });

  test.for<[string, Partial<RouterMood>, boolean]>([
    ['PCP, announced', {}, true],
    ['PCP, in silence', {}, false],
    ['NAT-PMP, announced', { pcp: false, upnp: false }, true],
    ['NAT-PMP, in silence', { pcp: false, upnp: false }, false],
    ['UPnP, announced', { pcp: false, natPmp: false }, true],
  ])('a router that restarts has it again within a minute: %s', async ([, mood, tells]) => {
    const s = await scene(mood);
    s.mapping.open(PORTS);
    await s.until('mapped');
    await s.clock.advance(1_000_000);
    s.router.restart(tells);
    expect(s.router.behind('tcp', 6881)).toBeUndefined();
    expect(await s.clock.runUntil(() => s.router.behind('udp', 6881) !== undefined, 60_000)).toBe(true);
    expect(s.router.behind('tcp', 6881)).toMatchObject({ client: OUR });
  });

  test('a router that restarts twice in a moment has it again, and one that answers late is not asked again for that', async () => {
    const s = await scene({ pcp: false, upnp: false });
    s.mapping.open(PORTS);
    await s.until('mapped');
    await s.clock.advance(100_000);
    for (const wait of [500, 500]) {
      s.router.restart(true);
      await s.clock.advance(wait);
    }
    expect(await s.clock.runUntil(() => s.router.behind('udp', 6881) !== undefined, 10_000)).toBe(true);
    // Each request goes out several times, and each of them is answered.
    s.host.link().latency = 600;
    const before = s.router.asked.length;
    s.router.restart(true);
    await s.clock.advance(40_000);
    expect(s.router.behind('udp', 6881)).toBeDefined();
    expect(s.router.asked.length - before).toBeLessThan(10);
  });

  test('a router that is down for ten minutes has it again when it is back', async () => {
    const s = await scene();
    s.mapping.open(PORTS);
    await s.until('mapped');
    s.router.mood.hangs = true;
    await s.clock.advance(600_000);
    s.router.mood.hangs = false;
    s.router.restart(true);
    expect(await s.clock.runUntil(() => s.router.behind('udp', 6881) !== undefined, 60_000)).toBe(true);
  });

  test.each([3, 20, 100, 400])('a way to it that comes after %i s is used at once', async (seconds) => {
    const s = await scene();
    s.host.wayless.add(OUR);
    s.mapping.open(PORTS);
    await s.clock.advance(seconds * 1000);
    expect(s.mapping.state.kind).not.toBe('mapped');
    s.host.wayless.delete(OUR);
    s.mapping.again();
    expect(await s.until('mapped', 1_500)).toBe(true);
  });

  test('a new outer address is told', async () => {
    const s = await scene({ pcp: false, upnp: false });
    s.mapping.open(PORTS);
    await s.until('mapped');
    s.router.mood.outer = '93.184.216.99';
    await s.clock.advance(60_000);
    expect(s.mapping.state).toMatchObject({ host: '93.184.216.99' });
  });

  test('UPnP: a port that another machine took meanwhile is left to it', async () => {
    const s = await scene({ pcp: false, natPmp: false });
    s.mapping.open(PORTS);
    await s.until('mapped');
    s.router.occupy('tcp', 6881);
    await s.clock.advance(1_300_000);
    expect(s.router.behind('tcp', 6881)).toMatchObject({ client: '192.168.1.77' });
    const { port = 0 } = s.mapping.state as { port?: number };
    expect(s.router.behind('tcp', port)).toMatchObject({ client: OUR, inner: 6881 });
    await s.clock.resolve(s.mapping.close(true));
    expect(s.router.behind('tcp', 6881)).toMatchObject({ client: '192.168.1.77' });
  });

  test('other ports of ours replace it', async () => {
    const s = await scene();
    s.mapping.open(PORTS);
    await s.until('mapped');
    s.mapping.open({ tcp: 7000, udp: undefined });
    await s.clock.advance(10_000);
    expect([...s.router.entries.values()]).toMatchObject([{ inner: 7000 }]);
  });

  test('a mapping that comes when nobody wants it any more is given back; a router that hangs holds nobody up', async () => {
    const s = await scene();
    s.mapping.open(PORTS);
    await s.clock.resolve(s.mapping.close(true), 2_000);
    await s.clock.advance(10_000);
    expect(s.router.entries.size).toBe(0);
    s.mapping.open(PORTS);
    await s.until('mapped');
    s.router.mood.hangs = true;
    await s.clock.resolve(s.mapping.close(true), 2_000);
  });
});

test('public and loopback addresses need no router, and none is asked', async () => {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const host = new SimNet(clock, random).host(['93.184.216.7', '127.0.0.1']);
  const http = new SimHttp(clock);
  routeBy(host, '93.184.216.1');
  for (const address of ['93.184.216.7', '127.0.0.1', '10.0.0.9']) {
    const mapping = new LinkMapping(
      { clock, random, net: host, http, interfaces: host },
      { address, gateways: ['93.184.216.1'], changed: () => expect.fail('nothing to tell') },
    );
    mapping.open(PORTS);
    await clock.advance(60_000);
    await clock.resolve(mapping.close(true));
  }
  expect(host.link().sent).toBe(0);
});

test('a mapping that we left behind when we were killed is taken over, though PCP does not know us any more', async () => {
  const s = await scene({ result: 0 });
  s.mapping.open(PORTS);
  await s.until('mapped');
  s.router.ownersOnly = true;
  const again = new LinkMapping(
    { clock: s.clock, random: new SeededRandom(99), net: s.host, http: s.http, interfaces: s.host },
    { address: OUR, gateways: [], changed: () => {} },
  );
  again.open(PORTS);
  expect(await s.clock.runUntil(() => again.state.kind === 'mapped', 20_000)).toBe(true);
  expect(again.state).toMatchObject({ by: 'nat-pmp', port: 6881 });
});
