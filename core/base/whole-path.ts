/** Whether a path is absolute on some system: who names it may run on another one than the program. */
export function isWholePath(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path);
}
