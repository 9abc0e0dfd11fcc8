/** In ms. */
const LATEST = 1000;

/** Calls it once nothing else is to be done, or at the latest after a second. Returns what takes that back. */
export function whenIdle(act: () => void): () => void {
  // Not every browser tells.
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(act, LATEST);
    return () => clearTimeout(timer);
  }
  const id = requestIdleCallback(act, { timeout: LATEST });
  return () => cancelIdleCallback(id);
}
