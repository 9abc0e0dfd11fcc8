import type { ChildProcessHandle, ProcessHost } from '../ports/process-host.ts';

/** The same processes; `woken` is called when messages of theirs have woken this one, and were handled. */
export function tellingWhenWoken(host: ProcessHost, woken: () => void): ProcessHost {
  return {
    spawn(kind, label): ChildProcessHandle {
      const child = host.spawn(kind, label);
      return {
        get pid() {
          return child.pid;
        },
        post: (message) => child.post(message),
        onExit: (listener) => child.onExit(listener),
        kill: () => child.kill(),
        onMessage: (listener) =>
          child.onMessage((message) => {
            listener(message);
            woken();
          }),
      };
    },
  };
}
