import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { variantBy } from './variant-by.ts';

const inner = [
  v.object({ type: v.literal('d'), n: v.number() }),
  v.object({ type: v.literal('e'), n: v.pipe(v.number(), v.minValue(3)) }),
] as const;
const options = [
  v.object({ type: v.literal('a'), text: v.string() }),
  v.pipe(
    v.object({ type: v.literal('b'), list: v.array(v.number()) }),
    v.check(({ list }) => list.length > 1, 'too few'),
  ),
  v.variant('type', inner),
] as const;

describe('a variant that is looked up', () => {
  const usual = v.variant('type', options);
  const quick = variantBy('type', options);

  it.each([
    { type: 'a', text: 'x' },
    { type: 'a', text: 'x', more: 1 },
    { type: 'a', text: 1 },
    { type: 'a' },
    { type: 'b', list: [1, 2] },
    { type: 'b', list: [1] },
    { type: 'b', list: [1, 'x'] },
    { type: 'd', n: 1 },
    { type: 'e', n: 1 },
    { type: 'e', n: 4 },
    { type: 'z' },
    { type: null },
    {},
    [],
    null,
    undefined,
    'a',
    Object.create({ type: 'a', text: 'inherited' }),
  ])('judges %j as valibot does', (value: unknown) => {
    for (const abortEarly of [false, true]) {
      expect(v.safeParse(quick, value, { abortEarly })).toEqual(v.safeParse(usual, value, { abortEarly }));
    }
  });

  it('leaves to valibot what one literal does not tell apart', () => {
    const twice = [
      v.object({ type: v.literal('a'), n: v.number() }),
      v.object({ type: v.literal('a'), s: v.string() }),
    ] as const;
    expect(v.parse(variantBy('type', twice), { type: 'a', s: 'x' })).toEqual({ type: 'a', s: 'x' });
    const picked = [v.object({ type: v.picklist(['a', 'b']) }), v.object({ type: v.literal('c') })] as const;
    expect(v.parse(variantBy('type', picked), { type: 'b' })).toEqual({ type: 'b' });
  });
});
