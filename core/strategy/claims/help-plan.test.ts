import { expect, test } from 'vitest';
import { identityIndex, piece } from '../../base/ids.ts';
import { planHelp } from './help-plan.ts';

interface Scene {
  /** Rate of each identity. */
  readonly rates: readonly number[];
  /** Pieces that somebody waits for, and who has claimed each. */
  readonly waited: Readonly<Record<number, number>>;
  /** Identities whose peers lack them. */
  readonly lack?: readonly number[];
}

const planned = ({ rates, waited, lack = [] }: Scene): string =>
  [
    ...planHelp({
      waited: Object.keys(waited).map((p) => piece(Number(p))),
      workers: rates.map((rate, i) => ({ identity: identityIndex(i), rate, able: () => !lack.includes(i) })),
      pieceLength: 1000,
      claimant: (p) => (waited[p]! < 0 ? undefined : identityIndex(waited[p]!)),
    }),
  ]
    .flatMap(([owner, help]) =>
      help.map((one) => `${owner} has ${one.piece} from ${one.helpers.map(({ identity }) => identity).join(' ')}`),
    )
    .join(', ');

test.each<Scene & { name: string; plan: string }>([
  { name: 'all that can help', rates: [1000, 900, 800], waited: { 7: 1 }, plan: '1 has 7 from 0 2' },
  { name: 'one that has it soon needs none', rates: [1000, 4000], waited: { 7: 1 }, plan: '' },
  { name: 'nobody else can', rates: [1000, 1000, 0], waited: { 7: 0 }, lack: [1], plan: '' },
  {
    name: 'one that is far slower would bring the last block',
    rates: [1000, 100, 500],
    waited: { 7: 0 },
    plan: '0 has 7 from 2',
  },
  { name: 'a slow claimant is helped by the fast ones', rates: [10, 900], waited: { 7: 0 }, plan: '0 has 7 from 1' },
  {
    name: 'one of which nothing is known yet is helped, too',
    rates: [0, 900],
    waited: { 7: 0 },
    plan: '0 has 7 from 1',
  },
  { name: 'nobody has claimed it', rates: [900, 900], waited: { 7: -1 }, plan: '' },
  { name: 'several readers', rates: [900, 900], waited: { 3: 0, 9: 1 }, plan: '0 has 3 from 1, 1 has 9 from 0' },
])('$name', ({ plan, ...scene }) => expect(planned(scene)).toBe(plan));
