import { GUEST_COMMANDS } from '../../core/bridge/host/guest-commands.ts';
import { BridgeHost } from '../../core/bridge/host/host.ts';
import { memoryTransports } from '../../core/bridge/line/transports.ts';
import { fakeServices } from '../../core/bridge/testing/fake-services.ts';
import { RpcClient } from '../../core/bridge/window/client.ts';
import type { FakeEngine } from '../../core/engine/testing/fake-engine.ts';
import { movingDownloads, movingEngine } from '../../core/engine/testing/moving-engine.ts';
import type { RunningProgram } from '../../core/entry/ask-control.ts';
import type { HostServices } from '../../core/bridge/host/services.ts';
import type { Backend } from '../backend.ts';
import { KEEPERS } from '../remote/programs.ts';
import { CliBench } from './run-cli.ts';

/** A command line beside a program that runs, with four downloads: downloading, seeding, paused, and stalled. */
export class RunningBench extends CliBench {
  readonly theirs: FakeEngine;
  readonly services: HostServices;
  /** Questions at the terminal, and what is answered. */
  readonly questions: string[] = [];
  answer: boolean | undefined;

  constructor(change: Partial<Backend> = {}, terminal?: { columns: number; rows: number }) {
    super(
      {
        runningPrograms: () => Promise.resolve([this.program('serve')]),
        connectServed: () => Promise.resolve(this.program('serve').client),
        confirm: (question) => {
          this.questions.push(question);
          return Promise.resolve(this.answer);
        },
        ...change,
      },
      terminal,
    );
    this.theirs = movingEngine(this.clock, movingDownloads(this.clock.wall()));
    this.services = fakeServices(this.clock, this.theirs);
  }

  program(role: RunningProgram['role']): RunningProgram {
    const [window, host] = memoryTransports(queueMicrotask);
    const guest = KEEPERS.has(role) ? {} : { allowed: GUEST_COMMANDS };
    new BridgeHost({ ...this.services, ...guest }).attach(host);
    return { role, pid: 7, client: new RpcClient({ connect: () => Promise.resolve(window) }) };
  }
}
