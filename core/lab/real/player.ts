import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { answerOf } from '../answer.ts';
import { type Job, play } from './play.ts';
import { ownRun, sh } from './namespaces.ts';

/** Where everything of a run lies: in memory, and gone with the namespaces. */
const FOLDER = '/run/lab';

/**
 * Plays the one run that it reads from standard input, says what came of it (`RunAnswer`) and ends, being the first process of its namespaces; also where its input ends, as then
 * nobody waits for it any more.
 */
export function runPlayer(): void {
  ownRun();
  sh('ip link set lo up');
  mkdirSync(FOLDER);
  const input = createInterface({ input: process.stdin });
  input.once('line', (line) => {
    void answerOf(play(JSON.parse(line) as Job, FOLDER)).then((answer) =>
      process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0)),
    );
  });
  input.once('close', () => process.exit(1));
}
