import { expect, test } from 'vitest';
import { EnsembleError } from '../base/errors.ts';
import { answerOf, outcomeIn } from './answer.ts';
import { runLine } from './testing/lines.ts';

const sent = async (run: Parameters<typeof answerOf>[0]): Promise<unknown> =>
  JSON.parse(JSON.stringify(await answerOf(run)));

test('what another process found comes over as it was, and what went wrong there, too', async () => {
  const { outcome } = runLine({}, 0, 7, [3, null]);
  expect(outcomeIn(await sent(Promise.resolve(outcome)))).toEqual(outcome);
  const failure = await sent(Promise.reject(new EnsembleError('disk', 'full')));
  expect(() => outcomeIn(failure)).toThrow(expect.objectContaining({ code: 'disk', message: 'full' }));
});

test.each([undefined, null, 'hello', {}, { outcome: { end: 'done' } }, { failure: { code: 'luck', message: '' } }])(
  '%j is no answer',
  (answer) => {
    expect(() => outcomeIn(answer)).toThrow(expect.objectContaining({ code: 'fault' }));
  },
);
