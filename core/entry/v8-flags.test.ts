import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { childOptions } from './entry-scripts.ts';
import { lateOptimisation } from './v8-flags.ts';

describe('flags for V8', () => {
  it.each([
    ['Node 20', '11.3.244.8-node.38', 1],
    ['Node 21', '11.8.172.17-node.20', 0],
    ['Node 22', '12.4.254.21-node.57', 0],
    ['Electron 33', '13.0.245.25-electron.0', 0],
    ['Node 24', '13.6.233.17-node.63', 0],
    ['Node 26', '14.6.202.34-node.40', 0],
  ])('%s is given those alone that it knows', (_, version, count) => {
    expect(lateOptimisation(version)).toHaveLength(count);
  });

  it('processes start with them in this Node', () => {
    const { status, stderr } = spawnSync(process.execPath, [...childOptions().execArgv, '-e', '']);
    expect([status, String(stderr)]).toEqual([0, '']);
  });
});
