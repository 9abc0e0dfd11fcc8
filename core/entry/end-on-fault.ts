/**
 * A promise whose failure nobody hears is a fault, and a process with one ends, as under Node, so that a sound one takes
 * its place: Electron's utility processes only warn of it, from Electron 37 on.
 */
export function endOnFault(): void {
  process.on('unhandledRejection', (reason) => {
    process.stderr.write(`${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`);
    process.exit(1);
  });
}
