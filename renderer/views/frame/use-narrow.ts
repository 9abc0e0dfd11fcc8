import { useSyncExternalStore } from 'react';

/** Below this width the list is a rail. */
const query = matchMedia('(max-width: 1060px)');

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => query.matches,
  );
}
