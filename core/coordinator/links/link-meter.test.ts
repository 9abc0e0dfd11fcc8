import { expect, test } from 'vitest';
import { bytes, type IdentityIndex, identityIndex, type Millis, type PeerId } from '../../base/ids.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import { Member } from '../run/member.ts';
import { LinkMeter } from './link-meter.ts';

const FILE = '/state/links.json';

class Meters {
  readonly disk = new MemoryDisk();
  readonly said: string[] = [];
  month: string | undefined = '2026-11';

  async open(): Promise<LinkMeter> {
    const meter = new LinkMeter({
      disk: this.disk,
      folder: '/state',
      month: () => this.month,
      failed: (message) => this.said.push(message),
    });
    await meter.read();
    return meter;
  }

  get kept(): unknown {
    return JSON.parse(new TextDecoder().decode(this.disk.content(FILE)));
  }
}

/** An identity that has moved so much. */
function member(downloaded: number, name = 'phone', index: IdentityIndex = identityIndex(0)): Member {
  const one = new Member(index, 'peer' as PeerId, 0, { address: '10.0.0.1', name });
  one.called();
  one.began(0 as Millis);
  moved(one, downloaded);
  return one;
}

function moved(one: Member, downloaded: number): void {
  const status = { downloaded: bytes(downloaded), uploaded: bytes(0), wasted: bytes(0) };
  one.reported(status as unknown as SwarmStatus, 0 as Millis);
}

test('what is moved is counted once, for the link by which it came', async () => {
  const meter = await new Meters().open();
  const one = member(1000);
  meter.look([one]);
  meter.look([one]);
  moved(one, 1500);
  meter.look([one]);
  one.bindTo({ address: '10.0.0.2' });
  moved(one, 1800);
  meter.look([one]);
  expect(meter.carried('= phone').downloaded).toBe(1500);
  expect(meter.carried('10.0.0.2').downloaded).toBe(300);
  // Headers and the like count in the month, too.
  expect(meter.used('phone', '2026-11')).toBe(1575);
  expect(meter.used('phone', '2026-12')).toBe(0);
});

test('two programs add to one file, and each sees both the next time', async () => {
  const meters = new Meters();
  const [first, second] = [await meters.open(), await meters.open()];
  first.look([member(1000)]);
  second.look([member(2000)]);
  await first.write();
  await second.write();
  await first.write();
  expect(meters.kept).toMatchObject({ months: [{ link: 'phone', month: '2026-11', bytes: 3150 }] });
  expect((await meters.open()).used('phone', '2026-11')).toBe(3150);
  expect(second.used('phone', '2026-11')).toBe(3150);
});

test('a month begins with nothing, and nothing is written where nothing was counted', async () => {
  const meters = new Meters();
  const meter = await meters.open();
  await meter.write();
  expect(meters.disk.content(FILE)).toBeUndefined();
  const one = member(1000);
  meter.look([one]);
  await meter.write();
  meters.month = '2026-12';
  moved(one, 1100);
  meter.look([one]);
  await meter.write();
  expect(meters.kept).toMatchObject({ months: [{ month: '2026-12', bytes: 105 }] });
});

test.each([
  ['of a newer program', '{"version":9}'],
  ['damaged', '{"version":1,"months":[{"link":"a,b"}]}'],
])('a file %s is left as it is, and told of', async (_, content) => {
  const meters = new Meters();
  await meters.disk.makeDirectory('/state');
  await meters.disk.replaceFile(FILE, new TextEncoder().encode(content));
  const meter = await meters.open();
  meter.look([member(1000)]);
  await meter.write();
  expect(new TextDecoder().decode(meters.disk.content(FILE))).toBe(content);
  expect(meters.said).toHaveLength(1);
});

test('of links that are used no more the oldest are forgotten', async () => {
  const meters = new Meters();
  const meter = await meters.open();
  for (let i = 0; i < 400; i++) meter.look([member(100, `link ${i}`)]);
  await meter.write();
  const { months } = meters.kept as { months: unknown[] };
  expect(months.length).toBeLessThanOrEqual(256);
});
