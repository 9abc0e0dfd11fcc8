/**
 * Does `task` for each item, at most `width` at a time, each lane one after the other. After an error no further one
 * begins; when it rejects, none runs any more.
 */
export async function inLanes<T>(
  items: Iterable<T>,
  width: number,
  task: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  let failure: unknown;
  const run = async (lane: number): Promise<void> => {
    while (!failed) {
      const step = iterator.next();
      if (step.done === true) return;
      try {
        await task(step.value, lane);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, (_, lane) => run(lane)));
  if (failed) throw failure;
}
