import { useEffect, useState } from 'react';
import type { CommandResult } from '../../core/bridge/contract.ts';
import { useServices } from './context.tsx';

/** What the program answers to a question, which is asked every `period` milliseconds as long as somebody looks; undefined: not known yet. */
export function useAsked<K extends 'paths' | 'statistics'>(question: K, period: number): CommandResult<K> | undefined {
  const { client } = useServices();
  const [now, setNow] = useState<CommandResult<K>>();
  useEffect(() => {
    // While there is no line to the program, what was known last stays.
    const ask = (): unknown => client.call(question, null).then(setNow, () => undefined);
    ask();
    const timer = setInterval(ask, period);
    return () => clearInterval(timer);
  }, [client, question, period]);
  return now;
}
