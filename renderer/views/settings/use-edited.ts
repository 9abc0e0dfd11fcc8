import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

interface Edited<F, E> {
  readonly form: F;
  readonly edit: (changes: Partial<F>) => void;
  /** What is wrong, by field. */
  readonly found: E;
  /** The same once the user tried to save, for whom it is said; nothing before. */
  readonly errors: Partial<E>;
  readonly save: () => void;
  readonly cancel: () => void;
  /** For what is around the fields. */
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * The form of one entry of a list that is edited: it is saved by its button, by Enter in a field, and, where it was changed and is right,
 * also when it is closed without a word: it applies, as everywhere in the settings, unless it `isAsked` for.
 */
export function useEdited<F extends object, E extends object>(entry: {
  /** What its fields begin with. */
  readonly first: F;
  /** What is wrong with a form, by field; empty where it can be saved. */
  readonly wrongIn: (form: F) => E;
  /** Gets a form with nothing wrong. */
  readonly onSave: (form: F) => void;
  /** Closed without a word it stays as it was: half of it would do what nobody wants. */
  readonly isAsked?: boolean;
  readonly onCancel: () => void;
}): Edited<F, E> {
  const { first, wrongIn, onSave, isAsked = false, onCancel } = entry;
  const [form, setForm] = useState(first);
  const [tried, setTried] = useState(false);
  const found = wrongIn(form);
  const isRight = Object.keys(found).length === 0;
  const unsaved = useRef<() => void>(undefined);
  useEffect(() => {
    const isChanged = JSON.stringify(form) !== JSON.stringify(first);
    unsaved.current = isChanged && isRight && !isAsked ? () => onSave(form) : undefined;
  });
  useEffect(() => () => unsaved.current?.(), []);
  const save = (): void => {
    setTried(true);
    if (!isRight) return;
    unsaved.current = undefined;
    onSave(form);
  };
  const cancel = (): void => {
    unsaved.current = undefined;
    onCancel();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, target, currentTarget } = event;
    // Not the whole dialog, and not for one that was opened from here.
    if (key !== 'Enter' || !(target instanceof HTMLInputElement) || !currentTarget.contains(target)) return;
    event.preventDefault();
    save();
  };
  const edit = (changes: Partial<F>): void => setForm((now) => ({ ...now, ...changes }));
  return { form, edit, found, errors: tried ? found : {}, save, cancel, onKeyDown };
}
