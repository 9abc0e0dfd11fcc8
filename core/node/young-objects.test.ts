import { setFlagsFromString } from 'node:v8';
import { afterEach, expect, test, vi } from 'vitest';
import { boundYoungObjects } from './young-objects.ts';

vi.mock('node:v8', async (original) => ({ ...(await original<object>()), setFlagsFromString: vi.fn() }));

afterEach(() => boundYoungObjects(false));

test('V8 is told only what changes', () => {
  boundYoungObjects(false);
  expect(setFlagsFromString).not.toHaveBeenCalled();
  boundYoungObjects(true);
  boundYoungObjects(true);
  boundYoungObjects(false);
  expect(vi.mocked(setFlagsFromString).mock.calls).toEqual([
    ['--semi-space-growth-factor=1'],
    ['--semi-space-growth-factor=2'],
  ]);
});
