import { describe, expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { chooseUnchoked, type ChokerDecision, type ChokerPeer } from './choker.ts';
import { seededRng } from '../testing/scene.ts';

/** `a 30 10`: sends us 30, takes 10. Then marks: `-` not interested, `s` snubs us, `u` unchoked, `n` new, `d` declines. */
function peerOf(text: string): ChokerPeer<string> {
  const [id = '', down = '0', up = '0', marks = ''] = text.split(' ');
  return {
    id,
    downRate: Number(down),
    upRate: Number(up),
    interested: !marks.includes('-'),
    snubbed: marks.includes('s'),
    unchokedFor: millis(marks.includes('u') ? 1 : 0),
    declines: marks.includes('d'),
    connectedFor: millis(marks.includes('n') ? 1000 : 600_000),
  };
}

interface Options {
  readonly slots?: number;
  readonly seeding?: boolean;
  readonly optimistic?: string;
  readonly rotate?: boolean;
  readonly seed?: number;
}

function choose(peers: readonly string[], o: Options = {}): ChokerDecision<string> {
  return chooseUnchoked({
    peers: peers.map(peerOf),
    slots: o.slots ?? 4,
    seeding: o.seeding ?? false,
    optimistic: o.optimistic,
    rotateOptimistic: o.rotate ?? false,
    rng: seededRng(((o.seed ?? 1) * 2654435761) >>> 0),
  });
}

const swarm = ['a 50 5', 'b 40 40', 'c 30 30', 'd 20 20', 'e 10 10', 'f 0 50'];

interface Row extends Options {
  readonly name: string;
  readonly peers: readonly string[];
  readonly regular: string;
}

const rows: Row[] = [
  { name: 'leeching: who sends us most', peers: swarm, regular: 'abc' },
  { name: 'seeding: who takes most', peers: swarm, seeding: true, regular: 'bcf' },
  { name: 'who is not interested takes no slot', peers: ['a 50 0 -', ...swarm.slice(1)], regular: 'bcd' },
  { name: 'who snubs us gets no regular slot', peers: ['a 50 0 s', ...swarm.slice(1)], regular: 'bcd' },
  { name: 'a seed takes no offence', peers: ['f 0 50 s', ...swarm.slice(0, 5)], seeding: true, regular: 'bcf' },
  { name: 'two slots: one regular', peers: swarm, slots: 2, regular: 'a' },
  { name: 'one slot, after the fastest: none', peers: swarm, slots: 1, rotate: true, regular: '' },
  { name: 'one slot, optimistic: none', peers: swarm, slots: 1, optimistic: 'd', regular: '' },
  { name: 'one slot, and nobody sends: none', peers: ['a 0', 'b 0'], slots: 1, regular: '' },
  {
    name: 'but not who takes nothing of what he is offered',
    peers: ['a 5', 'b 5', 'c 5 0 ud', 'd 5', 'e 5 0 ud', 'f 5 0 d'],
    regular: 'abd',
  },
  {
    name: 'seeding: who takes nothing comes last',
    peers: ['a 0 0 ud', 'b', 'c 0 0 ud', 'd', 'e 0 0 d', 'f'],
    seeding: true,
    regular: 'bdf',
  },
  { name: 'who takes nothing and gives most keeps his slot', peers: ['a 50 0 ud', ...swarm.slice(1)], regular: 'abc' },
  {
    name: 'of equals who is unchoked stays',
    peers: ['a 5', 'b 5', 'c 5 0 u', 'd 5', 'e 5 0 u', 'f 5 0 u'],
    regular: 'cef',
  },
];

describe('chooseUnchoked', () => {
  test.each(rows)('$name', ({ peers, regular, ...options }) => {
    for (let seed = 1; seed < 20; seed++) {
      const { unchoked, optimistic } = choose(peers, { ...options, seed });
      expect(
        [...unchoked]
          .filter((id) => id !== optimistic)
          .sort()
          .join(''),
      ).toBe(regular);
      expect(regular.includes(optimistic ?? '!')).toBe(false);
      expect(unchoked.has(optimistic ?? '')).toBe(true);
      expect(unchoked.size).toBe(regular.length + 1);
    }
  });

  test('one slot goes to another than the fastest in between', () => {
    for (let seed = 1; seed < 40; seed++) {
      expect(choose(swarm, { slots: 1, rotate: true, seed }).optimistic).toMatch(/[b-f]/);
      expect(choose(['a 50'], { slots: 1, rotate: true, seed }).optimistic).toBe('a');
    }
  });

  test.each([
    ['at first', {}],
    ['after the optimistic one', { optimistic: 'd', rotate: true }],
    ['where the optimistic one has left', { optimistic: 'z' }],
  ])('one slot goes to the fastest %s', (_, options) => {
    expect(choose(swarm, { slots: 1, ...options })).toEqual({ unchoked: new Set(['a']), optimistic: undefined });
  });

  test('nobody is interested, or there is no slot: nobody is unchoked', () => {
    expect(choose(['a 5 5 -', 'b 5 5 -'])).toEqual({ unchoked: new Set(), optimistic: undefined });
    expect(choose(swarm, { slots: 0 })).toEqual({ unchoked: new Set(), optimistic: undefined });
    expect(choose([])).toEqual({ unchoked: new Set(), optimistic: undefined });
  });

  test('with fewer than slots all that are interested are unchoked', () => {
    expect([...choose(['a 1', 'b 0', 'c 0 0 -', 'd 0 0 s']).unchoked].sort()).toEqual(['a', 'b', 'd']);
  });

  test('the optimistic one stays until it is to move on, and then it is another', () => {
    for (let seed = 1; seed < 30; seed++) {
      expect(choose(swarm, { optimistic: 'e', seed }).optimistic).toBe('e');
      expect(['d', 'f']).toContain(choose(swarm, { optimistic: 'e', rotate: true, seed }).optimistic);
    }
    expect(choose(swarm.slice(0, 4), { optimistic: 'd', rotate: true }).optimistic).toBe('d');
  });

  test.each([
    { name: 'has gone', peers: swarm, optimistic: 'z' },
    { name: 'lost interest', peers: [...swarm.slice(0, 4), 'e 0 0 -', 'f 0'], optimistic: 'e' },
    { name: 'became one of the fastest', peers: swarm, optimistic: 'a' },
  ])('another takes its place when it $name', ({ peers, optimistic }) => {
    const decision = choose(peers, { optimistic });
    expect(decision.optimistic).not.toBe(optimistic);
    expect(decision.unchoked.size).toBe(4);
  });

  test('new peers are three times as likely to be the optimistic one', () => {
    const hits: Record<string, number> = {};
    for (let seed = 1; seed <= 4000; seed++) {
      const { optimistic = '' } = choose(['o 0', 'n 0 0 n'], { slots: 1, seed });
      hits[optimistic] = (hits[optimistic] ?? 0) + 1;
    }
    expect(hits['n']! / hits['o']!).toBeGreaterThan(2.6);
    expect(hits['n']! / hits['o']!).toBeLessThan(3.4);
  });

  test('snubbed by all, every slot is optimistic', () => {
    const peers = ['a 9 0 s', 'b 9 0 s', 'c 9 0 s', 'd 9 0 s', 'e 9 0 s', 'f 0'];
    const seen = new Set<string>();
    for (let seed = 1; seed < 40; seed++) {
      const { unchoked } = choose(peers, { seed });
      expect(unchoked.size).toBe(4);
      expect(unchoked.has('f')).toBe(true);
      for (const id of unchoked) seen.add(id);
    }
    expect(seen.size).toBe(6);
  });

  test('further optimistic ones stay between rotations', () => {
    const peers = ['a 9 0 s', 'b 9 0 su', 'c 9 0 s', 'd 9 0 su', 'e 9 0 su', 'f 9 0 s'];
    for (let seed = 1; seed < 20; seed++) {
      const { unchoked } = choose(peers, { optimistic: 'b', seed });
      expect(['b', 'd', 'e'].every((id) => unchoked.has(id))).toBe(true);
    }
  });

  test('a rotation draws the further ones anew too', () => {
    const peers = ['a 9 0 s', 'b 9 0 su', 'c 9 0 s', 'd 9 0 su', 'e 9 0 su', 'f 9 0 s'];
    const seen = new Set<string>();
    for (let seed = 1; seed < 40; seed++) {
      for (const id of choose(peers, { optimistic: 'b', rotate: true, seed }).unchoked) seen.add(id);
    }
    expect(seen.has('a') && seen.has('c') && seen.has('f')).toBe(true);
    const always = ['b', 'd', 'e'].filter((id) =>
      Array.from({ length: 40 }, (_, seed) => choose(peers, { optimistic: 'b', rotate: true, seed })).every(
        ({ unchoked }) => unchoked.has(id),
      ),
    );
    expect(always).toEqual([]);
  });

  test('over half an hour every peer of a seed has its turn, and nobody is left out for long', () => {
    const rng = seededRng(5);
    const ids = Array.from({ length: 20 }, (_, i) => `p${i}`);
    const turns = new Map(ids.map((id) => [id, 0]));
    let optimistic: string | undefined;
    let unchoked: ReadonlySet<string> = new Set();
    for (let round = 0; round < 180; round++) {
      const peers = ids.map((id, i) =>
        peerOf(`${id} 0 ${unchoked.has(id) ? 100 + i : 0} ${unchoked.has(id) ? 'u' : ''}`),
      );
      const decision = chooseUnchoked({
        peers,
        slots: 4,
        seeding: true,
        optimistic,
        rotateOptimistic: round % 3 === 0,
        rng,
      });
      ({ optimistic, unchoked } = decision);
      expect(unchoked.size).toBe(4);
      for (const id of unchoked) turns.set(id, (turns.get(id) ?? 0) + 1);
    }
    expect(Math.min(...turns.values())).toBeGreaterThan(0);
  });
});
