import { expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { KEY_LENGTH } from '../mse/key-exchange.ts';
import { NoAgreement } from '../mse/negotiation.ts';
import { bookOf, dialled, dialling, fixedRandom, takeFrom } from '../mse/testing/pair.ts';
import { times } from './acceptance.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';

const ROUNDS = times(500, 100_000);
/** Everything before the handshake inside: keys, pads, hashes, offer. */
const MOST_KEPT = KEY_LENGTH + 2 * 512 + 100;

/** What either side says in a conversation in which all is well; keys and pads are the same each time. */
function conversation() {
  const a = dialling(fixedRandom(0x11, 0xaa), { first: new Uint8Array(68).fill(3) });
  const b = dialled(fixedRandom(0x22, 0xbb));
  const key = takeFrom(a);
  b.side.push(key.slice());
  const answer = takeFrom(b);
  a.side.push(answer.slice());
  const offer = takeFrom(a);
  b.side.push(offer.slice());
  return { dialler: [key, offer] as const, dialled: [answer, takeFrom(b)] as const };
}

/** Feeds a side in two parts; it may agree or refuse, and nothing else. */
function feed(
  side: { push(data: Uint8Array): unknown },
  data: Uint8Array,
  cut: number,
): 'agreed' | 'refused' | 'waits' {
  try {
    const first = side.push(data.slice(0, cut));
    if (first !== undefined) return 'agreed';
    return side.push(data.slice(cut)) === undefined ? 'waits' : 'agreed';
  } catch (error) {
    if (!(error instanceof NoAgreement)) throw error;
    return 'refused';
  }
}

test.each(['dialled', 'dialling'] as const)('the %s side takes any bytes', { timeout: 600_000 }, (role) => {
  const chance = new SeededRandom(31);
  const talk = conversation();
  const [key, rest] = role === 'dialled' ? talk.dialler : talk.dialled;
  const outcomes = { agreed: 0, refused: 0, waits: 0 };
  const secrets = bookOf();
  for (let round = 0; round < ROUNDS; round++) {
    // Most keep their key, or all would end at the hash behind it.
    const begin = chance.uniform() < 0.9 ? key.subarray(0, KEY_LENGTH) : mutate(chance, [key]);
    const data = concatBytes(begin, mutate(chance, [concatBytes(key.subarray(KEY_LENGTH), rest)]));
    const side =
      role === 'dialled' ? dialled(fixedRandom(0x22, 0xbb), secrets).side : dialling(fixedRandom(0x11, 0xaa)).side;
    const outcome = feed(side, data, Math.floor(chance.uniform() * data.length));
    outcomes[outcome]++;
    if (outcome === 'waits') expect(data.length).toBeLessThan(MOST_KEPT);
  }
  expect(Math.min(outcomes.agreed, outcomes.refused, outcomes.waits)).toBeGreaterThan(0);
});
