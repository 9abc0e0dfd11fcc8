import { expect, test } from 'vitest';
import { ALL, piecesIn } from '../sim/common-directory.ts';
import { Machines } from '../sim/machines.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';

/** Two machines, each of which holds some of the pieces: the first one two. */
async function shareOut() {
  const machines = new Machines(1);
  const a = await machines.join(0);
  const b = await machines.join(1);
  a.claimer.claim(ALL.slice(0, 2));
  b.claimer.claim(ALL.slice(2));
  await machines.clock.advance(15_000);
  return { machines, a, b };
}

test('who seems back, and is cut off before it could tell what it verified, keeps that', async () => {
  const { machines, a, b } = await shareOut();
  await machines.clock.resolve(a.verify(ALL.slice(0, 2)));
  machines.server.cut(machines.way(1));
  await machines.clock.advance(12_000);
  const verified = b.verify(ALL.slice(2));
  await machines.clock.advance(10_000);
  // Its first heartbeat is the last that comes through.
  const { write } = machines.server;
  machines.server.write = (name, key, value) => {
    const revision = write.call(machines.server, name, key, value);
    if (key === 'member.1') machines.server.cut(machines.way(1));
    return revision;
  };
  machines.server.mend(machines.way(1));
  for (let i = 0; i < 28; i++) {
    a.claimer.idle();
    await machines.clock.advance(1_000);
    expect(piecesIn(a.share, PieceShare.both), `${i}`).toEqual([]);
  }
  machines.server.write = write;
  machines.server.mend(machines.way(1));
  await machines.clock.resolve(verified);
  await machines.clock.advance(20_000);
  expect(piecesIn(a.share, PieceShare.present)).toHaveLength(ALL.length);
});

test('what somebody holds who is not back yet, though the server is, is not fetched twice', async () => {
  const { machines, a } = await shareOut();
  machines.server.kill();
  await machines.clock.advance(3_000);
  machines.server.cut(machines.way(1));
  machines.server.start(false);
  await machines.clock.resolve(a.verify(ALL.slice(0, 2)));
  const idle = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      a.claimer.idle();
      await machines.clock.advance(1_000);
    }
  };
  await idle(25);
  expect(piecesIn(a.share, PieceShare.both)).toEqual([]);
  // It is back, and may tell first what it has.
  machines.server.mend(machines.way(1));
  await idle(8);
  expect(piecesIn(a.share, PieceShare.both)).toEqual([]);
  await idle(30);
  expect(piecesIn(a.share, PieceShare.both).length).toBeGreaterThan(0);
});
