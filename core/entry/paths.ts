import { apply, undo } from '../links/apply.ts';
import type { CommandLine } from '../links/policy.ts';
import { type Repair, type Survey, survey } from '../links/survey.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import { systemCommand } from '../node/system-command.ts';

/** The ways out of this machine. */
export interface Paths {
  survey(gateways: readonly string[]): Promise<Survey>;
  /** Rejects with EnsembleError where the system refuses. */
  apply(repairs: readonly Repair[]): Promise<void>;
  undo(commands: readonly CommandLine[]): Promise<void>;
}

/** Those of the system that this process runs on; only Linux tells how a packet would leave. */
export function openPaths(): Paths {
  const run = process.platform === 'linux' ? systemCommand : undefined;
  const ports = { interfaces: new NodeInterfaces(), run };
  return {
    survey: (gateways) => survey(ports, gateways),
    apply: async (repairs) => apply(systemCommand, repairs),
    undo: async (commands) => undo(systemCommand, commands),
  };
}
