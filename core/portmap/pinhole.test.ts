import { describe, expect, test } from 'vitest';
import type { HttpPost } from '../ports/http.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { LinkSocket } from './link-socket.ts';
import { Pinhole } from './pinhole.ts';

const OUR = '2001:db8:1::5';
const ROUTER = '2001:db8:1::1';
const ASK = { tcp: 7000, udp: 7000, outer: 7000 };
const { signal } = new AbortController();

/** A router that has UPnP's IPv6 firewall control alone. */
async function scene(location = `http://[${ROUTER}]:5000/root.xml`) {
  const clock = new VirtualClock();
  const random = new SeededRandom(5);
  const net = new SimNet(clock, random);
  const http = new SimHttp(clock);
  const host = net.host([OUR]);
  const router = net.host([ROUTER]);
  const answer = ['HTTP/1.1 200 OK', 'ST: upnp:rootdevice', `LOCATION: ${location}`, '', ''].join('\r\n');
  const socket = await router.datagram(
    { family: 6, localAddress: ROUTER, port: 1900 },
    { received: (_, from, port) => socket.send(new TextEncoder().encode(answer), from, port) },
  );
  const text = (body: string, status = 200) => ({ status, body: new TextEncoder().encode(body) });
  const type = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1';
  http.on(`http://[${ROUTER}]:5000/root.xml`, () =>
    text(`<root><service><serviceType>${type}</serviceType><controlURL>/ctl</controlURL></service></root>`),
  );
  const holes = new Map<string, string>();
  const mood = { fault: 0, named: true };
  const fault = (code: number) => text(`<a><UPnPError><errorCode>${code}</errorCode></UPnPError></a>`, 500);
  const calls: string[] = [];
  http.on(`http://[${ROUTER}]:5000/ctl`, (request) => {
    const body = new TextDecoder().decode((request as HttpPost).body);
    const value = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(body)?.[1] ?? '';
    const action = /#(\w+)"/.exec(request.headers?.['SOAPAction'] ?? '')?.[1] ?? '';
    calls.push(action);
    expect(request.localAddress).toBe(OUR);
    if (mood.fault !== 0) return fault(mood.fault);
    const id = value('UniqueID');
    if (action === 'AddPinhole') {
      const fresh = String(holes.size + 1);
      holes.set(fresh, `${value('Protocol')} ${value('InternalClient')} ${value('InternalPort')}`);
      return text(`<a><${action}Response>${mood.named ? `<UniqueID>${fresh}</UniqueID>` : ''}</${action}Response></a>`);
    }
    if (!holes.has(id)) return fault(704);
    if (action === 'DeletePinhole') holes.delete(id);
    return text(`<a><${action}Response/></a>`);
  });
  const own = { interfaceName: 'sim0', address: OUR, family: 6, internal: false, prefix: 64 } as const;
  const ports = { clock, random, net: host, http, interfaces: host };
  const link = await LinkSocket.open(ports, own, ROUTER, { announced: () => {} });
  const pinhole = new Pinhole(ports, link);
  return { clock, holes, mood, calls, pinhole, map: () => clock.resolve(pinhole.map(ASK, signal)) };
}

describe('openings in an IPv6 firewall', () => {
  test('are made for both protocols, kept, missed, made again and closed', async () => {
    const s = await scene();
    const grant = { by: 'upnp', host: OUR, tcp: 7000, udp: 7000, lifetime: 3600 } as const;
    expect(await s.map()).toEqual({ kind: 'granted', grant });
    expect([...s.holes.values()]).toEqual([`6 ${OUR} 7000`, `17 ${OUR} 7000`]);
    expect(await s.clock.resolve(s.pinhole.check(grant, signal))).toBe('there');
    expect(await s.map()).toMatchObject({ kind: 'granted' });
    expect(s.calls.slice(-2)).toEqual(['UpdatePinhole', 'UpdatePinhole']);
    s.holes.clear();
    expect(await s.clock.resolve(s.pinhole.check(grant, signal))).toBe('gone');
    expect(await s.map()).toMatchObject({ kind: 'granted' });
    expect(s.holes.size).toBe(2);
    await s.clock.resolve(s.pinhole.release(grant, ASK, signal));
    expect(s.holes.size).toBe(0);
  });

  test.for([
    ['it does not allow that', { fault: 703 }, /does not let openings/],
    ['it does not know the call', { fault: 401 }, /does not know/],
    ['it does not say which one it made', { named: false }, /which opening/],
  ] as const)('a refusal says why: %s', async ([, mood, why]) => {
    const s = await scene();
    Object.assign(s.mood, mood);
    expect(await s.map()).toEqual({ kind: 'refused', by: 'upnp', why: expect.stringMatching(why) as string });
  });

  test.for(['http://[fe80::1]:5000/root.xml', 'http://[::1]:5000/root.xml', 'http://[2001:db8:2::1]:5000/root.xml'])(
    'a description at %s is not fetched',
    async (location) => {
      const s = await scene(location);
      expect(await s.map()).toEqual({ kind: 'silent' });
    },
  );
});
