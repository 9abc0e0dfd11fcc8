import { useEffect } from 'react';
import { useBridge, useServices } from '../../stores/context.tsx';
import { setAppearance } from '../../stores/theme.ts';

/** Looks as the settings say, and tells the program whether somebody can see it. */
export function useProgram(): void {
  const { client } = useServices();
  const appearance = useBridge((state) => state.app?.settings.appearance ?? 'system');
  useEffect(() => setAppearance(appearance), [appearance]);
  useEffect(() => {
    const seen = (): void => {
      void client.call('setVisible', { visible: !document.hidden }).catch(() => undefined);
    };
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [client]);
}
