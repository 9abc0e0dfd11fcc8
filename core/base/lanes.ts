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
  const run = async (first: IteratorResult<T>, lane: number): Promise<void> => {
    for (let step = first; step.done !== true; step = iterator.next()) {
      try {
        await task(step.value, lane);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
      if (failed) return;
    }
  };
  const lanes: Promise<void>[] = [];
  // No more of them than there are items: most torrents have one file.
  for (let lane = 0; lane < width && !failed; lane++) {
    const first = iterator.next();
    if (first.done === true) break;
    lanes.push(run(first, lane));
  }
  await Promise.all(lanes);
  if (failed) throw failure;
}
