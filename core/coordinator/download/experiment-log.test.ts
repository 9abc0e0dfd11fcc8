import { describe, expect, it } from 'vitest';
import { identityIndex } from '../../base/ids.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { ExperimentLog } from './experiment-log.ts';

const encoder = new TextEncoder();

/** What is in `/log` after one line was written to it, and what the user was told. */
async function logged(before: string | undefined): Promise<{ readonly after: string; readonly told: string[] }> {
  const disk = new MemoryDisk();
  if (before !== undefined) disk.put('/log', encoder.encode(before));
  const told: string[] = [];
  const log = new ExperimentLog({ disk, clock: new VirtualClock() }, '/log', (text) => told.push(text));
  log.write(identityIndex(0), { event: 'start', pieces: 7 });
  await log.close();
  return { after: new TextDecoder().decode(disk.content('/log')), told };
}

describe('the experiment log', () => {
  it.each([
    ['a new file', undefined],
    ['an empty file', ''],
    [
      'an earlier log, behind what is in it',
      '{"version":1,"t":1,"identity":0,"event":"start","pieces":7}\n{"t":2,"iden',
    ],
  ])('goes to %s', async (_, before) => {
    const { after, told } = await logged(before);
    expect(told).toEqual([]);
    expect(after.startsWith(before ?? '')).toBe(true);
    expect(after.slice(before?.length)).toMatch(/^\{"version":1,.*"event":"start","pieces":7\}\n$/);
  });

  it.each([
    ['a torrent file', 'd8:announce3:udp4:info'],
    ['JSON of another kind', '{"name":"thesis"}'],
    ['less than a log begins with', '{"v'],
  ])('leaves %s as it is, and says so', async (_, before) => {
    const { after, told } = await logged(before);
    expect(after).toBe(before);
    expect(told).toEqual([expect.stringContaining('/log')]);
  });
});
