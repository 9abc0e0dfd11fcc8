import { useEffect, useRef, useState } from 'react';
import type { Settings } from '../../../core/engine/settings.ts';
import { useActions, useBridge } from '../../stores/context.tsx';
import type { SettingsProps } from './settings-props.ts';

/** How long a change is shown as it was made once the program has answered, in milliseconds: by then it has told how things are. */
const UNTIL_TOLD = 1000;

/**
 * The settings with what was changed here a moment ago: the next change is made to these, which the program may not have told yet.
 * Undefined until it told any.
 */
export function useSettings(): SettingsProps | undefined {
  const told = useBridge((state) => state.app?.settings);
  const { changeSettings } = useActions();
  const [ahead, setAhead] = useState<readonly Partial<Settings>[]>([]);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const running = timers.current;
    return () => running.forEach(clearTimeout);
  }, []);
  if (told === undefined) return undefined;
  const change = (changes: Partial<Settings>): void => {
    setAhead((before) => [...before, changes]);
    void changeSettings(changes).then(() => {
      const timer = setTimeout(() => {
        timers.current.delete(timer);
        setAhead((before) => before.filter((one) => one !== changes));
      }, UNTIL_TOLD);
      timers.current.add(timer);
    });
  };
  return { settings: ahead.reduce<Settings>((all, one) => ({ ...all, ...one }), told), change };
}
