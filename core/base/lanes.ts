/**
 * Runs `task` for each item in `width` lanes, each of which does one after the other. After an error no further task begins; by the
 * time this rejects, none is running.
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
