import type { SeededRandom } from './random.ts';

/** Numbers at which counting tends to break: the limits of 8, 16, 31, 32 and 53 bits. */
const EDGES = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 53, 2 ** 63];

/** An almost valid input: one of the corpus with bits flipped, or parts cut, doubled, moved, replaced by other inputs or by odd numbers. */
export function mutate(random: SeededRandom, corpus: readonly Uint8Array[]): Uint8Array {
  const below = (n: number): number => Math.floor(random.uniform() * n);
  const pick = (): Uint8Array => corpus[below(corpus.length)] ?? new Uint8Array(0);
  if (random.uniform() < 0.1) return random.bytes(below(300));
  let data = [...pick()];
  for (let rounds = 1 + below(4); rounds > 0; rounds--) {
    const at = below(data.length + 1);
    const span = below(Math.min(40, data.length - at) + 1);
    switch (below(8)) {
      case 0:
        if (at < data.length) data[at] = (data[at] ?? 0) ^ (1 << below(8));
        break;
      case 1:
        data = data.slice(0, at);
        break;
      case 2:
        data.splice(at, span);
        break;
      case 3:
        data.splice(at, 0, ...data.slice(at, at + span));
        break;
      case 4: {
        const other = pick();
        const from = below(other.length + 1);
        data.splice(at, span, ...other.subarray(from, from + below(60)));
        break;
      }
      case 5:
        data.splice(at, span, ...new TextEncoder().encode(String((EDGES[below(EDGES.length)] ?? 0) - below(2))));
        break;
      case 6: {
        const edge = EDGES[below(EDGES.length)] ?? 0;
        data.splice(at, 4, (edge >>> 24) & 255, (edge >>> 16) & 255, (edge >>> 8) & 255, edge & 255);
        break;
      }
      default:
        data.splice(at, 0, ...Array.from({ length: below(30) }, () => 'deil:'.charCodeAt(below(5))));
    }
  }
  return Uint8Array.from(data);
}
