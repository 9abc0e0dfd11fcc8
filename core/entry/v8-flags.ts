/** From here on the flag is not given: V8 11.3 (Node 20) knows it, 11.8 (Node 21) does not, and a Node ends at once at one that it does not know. */
const WITHOUT = [11, 4] as const;

/**
 * Flags that make V8 optimise code six times as late as it would by itself: earlier optimisation costs each process a third of a second
 * of compiling, and saves less than that within a GiB. Of what the coordinator does with thousands of downloads it was a third.
 * `version`: V8's, as `process.versions.v8` has it.
 */
export function lateOptimisation(version: string): readonly string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isLater = major > WITHOUT[0] || (major === WITHOUT[0] && minor >= WITHOUT[1]);
  return isLater ? [] : ['--interrupt-budget=400000'];
}
