/**
 * A rejected promise that nobody handles is a fault: the process ends, as Node's do, so that a sound one takes its place. From
 * Electron 37 on, utility processes would only warn of it.
 */
export function endOnFault(): void {
  process.on('unhandledRejection', (reason) => {
    process.stderr.write(`${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`);
    process.exit(1);
  });
}
