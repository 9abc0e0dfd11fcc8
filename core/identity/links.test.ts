import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { Links } from './links.ts';

const at = (url: string, address: string) => ({ address, proxy: { url } });
const ONE = at('socks5://10.0.0.9:1080', '242.0.0.1');
const OTHER = at('socks5://10.0.0.8:1080', '242.0.0.2');

/** The links of a machine that reaches none of its proxies. */
function scene() {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const host = new SimNet(clock, random).host('10.0.0.1');
  const links = new Links({ net: host, clock, interfaces: host, random, http: new SimHttp(clock) } as never);
  return { clock, links };
}

test('without a proxy the ports are the machine’s own', () => {
  const { links } = scene();
  const [one, two] = [links.hold({ address: '10.0.0.1' }), links.hold({})];
  expect([one.proxy, one.ports === two.ports]).toEqual([undefined, true]);
  one.release();
  expect(links.hold({}).ports).toBe(two.ports);
});

test('a proxy is shared by those who use it, each with an address of its own', () => {
  const { links } = scene();
  expect(links.hold(ONE).proxy).toBe(links.hold(ONE).proxy);
  expect(links.hold(ONE).proxy).not.toBe(links.hold(OTHER).proxy);
  expect(links.proxies).toBe(2);
});

test('one that is gone is looked for until its last user leaves, and then forgotten', async () => {
  const { clock, links } = scene();
  const [first, last] = [links.hold(ONE), links.hold(ONE)];
  first.proxy?.failed({ kind: 'error', code: 'EPROXY' });
  await clock.advance(60_000);
  first.release();
  first.release();
  expect([links.proxies, clock.pending > 0, last.proxy?.gone]).toEqual([1, true, true]);
  last.release();
  await clock.advance(60_000);
  expect([links.proxies, clock.pending]).toEqual([0, 0]);
  // Whoever comes later begins anew.
  expect(links.hold(ONE).proxy?.gone).toBe(false);
});

test('what is no proxy is refused, and nothing is kept of it', () => {
  const { links } = scene();
  expect(() => links.hold(at('ftp://10.0.0.9', '242.0.0.3'))).toThrow('proxy');
  expect(links.proxies).toBe(0);
});
