import { Worker } from 'node:worker_threads';

/** Starts a thread that runs this program, which needs little memory and nothing of the environment; undefined where the system has no room for it. */
export function startThread(program: string, name: string): Worker | undefined {
  try {
    return new Worker(program, {
      eval: true,
      name,
      execArgv: [],
      env: {},
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
    });
  } catch {
    return undefined;
  }
}
