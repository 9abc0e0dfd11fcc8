import { useEffect, useState } from 'react';
import { messageOf } from '../../../core/base/errors.ts';
import { useServices } from '../../stores/context.tsx';
import { type Candidate, candidatesOf } from './candidates.ts';

/** What other clients keep in a place ('': the usual ones). */
export interface Others {
  /** Where was looked, or is being looked. */
  readonly place: string;
  /** Undefined while it is being read, and where it cannot be. */
  readonly found: readonly Candidate[] | undefined;
  readonly refusal: string | undefined;
  look(place: string): void;
  choose(change: (found: readonly Candidate[]) => readonly Candidate[]): void;
}

/** Looks in the usual places at first. */
export function useCandidates(): Others {
  const { client } = useServices();
  const [asked, setAsked] = useState({ place: '' });
  const [found, setFound] = useState<readonly Candidate[]>();
  const [refusal, setRefusal] = useState<string>();
  useEffect(() => {
    let current = true;
    const { place } = asked;
    client.call('importCandidates', { folder: place === '' ? null : place, output: null }).then(
      (all) => current && setFound(candidatesOf(all)),
      (error: unknown) => current && setRefusal(messageOf(error)),
    );
    return () => {
      current = false;
    };
  }, [client, asked]);
  return {
    place: asked.place,
    found,
    refusal,
    look: (place) => {
      setFound(undefined);
      setRefusal(undefined);
      setAsked({ place });
    },
    choose: (change) => setFound((all) => all && change(all)),
  };
}
