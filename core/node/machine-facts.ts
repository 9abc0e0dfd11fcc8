import { arch, cpus, release, totalmem, type } from 'node:os';

/** What a measurement depends on besides programs. `memory`: bytes. */
export interface MachineFacts {
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
}

/** This machine, for whoever reads what was measured on it. */
export function machineFacts(): MachineFacts {
  const cores = cpus();
  return {
    system: `${type()} ${release()} ${arch()}`,
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memory: totalmem(),
  };
}
