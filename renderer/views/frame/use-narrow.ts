import { useSyncExternalStore } from 'react';

/** Below this width the list is a rail. */
const narrow = matchMedia('(max-width: 1060px)');
/** Below this one the list and the detail take turns; also in the style sheets. */
const phone = matchMedia('(max-width: 600px)');

export const useNarrow = (): boolean => useQuery(narrow);
export const usePhone = (): boolean => useQuery(phone);

function useQuery(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => query.matches,
  );
}
