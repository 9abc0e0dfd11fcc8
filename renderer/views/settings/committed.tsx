import { type ReactNode, useEffect, useRef, useState } from 'react';
import { NumberInput, type NumberInputProps } from '../../parts/number-input.tsx';
import { Field } from '../../parts/field.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { whole } from '../add/choices.ts';
import type { TextList } from './text-lists.ts';

/** A pause in typing after which a change applies, in milliseconds. */
const PAUSE = 400;

/** A text that is edited here and applies after a pause; follows `value` when it is changed from elsewhere. */
export function useCommitted(value: string, commit: (value: string) => unknown): [string, (text: string) => void] {
  const [draft, setDraft] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pending = useRef<(() => void) | undefined>(undefined);
  useEffect(() => setDraft(value), [value]);
  useEffect(
    () => () => {
      // Closed within the pause: what was typed still applies.
      clearTimeout(timer.current);
      pending.current?.();
    },
    [],
  );
  const edit = (text: string): void => {
    setDraft(text);
    clearTimeout(timer.current);
    pending.current = () => {
      pending.current = undefined;
      if (text !== value) commit(text);
    };
    timer.current = setTimeout(() => pending.current?.(), PAUSE);
  };
  return [draft, edit];
}

/**
 * A value of several parts that applies at once. What is changed next begins from what was changed last, also while the program has
 * not answered yet.
 */
export function useDraft<T extends object>(value: T, commit: (value: T) => void): [T, (changes: Partial<T>) => void] {
  const [draft, setDraft] = useState(value);
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
    setDraft(value);
  }, [value]);
  const edit = (changes: Partial<T>): void => {
    latest.current = { ...latest.current, ...changes };
    setDraft(latest.current);
    commit(latest.current);
  };
  return [draft, edit];
}

interface CommittedNumberProps extends Omit<NumberInputProps, 'value' | 'onText' | 'min' | 'max'> {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onCommit: (value: number) => void;
}

/** A whole number that applies when it is one between the bounds. */
export function CommittedNumber({ value, min, max, onCommit, ...rest }: CommittedNumberProps): ReactNode {
  const [draft, edit] = useCommitted(String(value), (typed) => {
    const number = whole(typed, min, max);
    if (number !== undefined) onCommit(number);
  });
  const wrong = whole(draft, min, max) === undefined;
  return <NumberInput {...rest} aria-invalid={wrong || undefined} min={min} max={max} value={draft} onText={edit} />;
}

interface CommittedListProps<T> {
  readonly label: string;
  readonly hint: string;
  /** What is said where something that is typed is none. */
  readonly wrong: string;
  readonly placeholder?: string;
  readonly list: TextList<T>;
  readonly values: readonly T[];
  readonly onCommit: (values: readonly T[]) => void;
}

/** A list in one line of text, which applies when all that is typed is right. */
export function CommittedList<T>(props: CommittedListProps<T>): ReactNode {
  const { label, hint, wrong, placeholder, list, values, onCommit } = props;
  const [draft, edit] = useCommitted(list.format(values), (typed) => {
    const parsed = list.parse(typed);
    if (parsed !== undefined) onCommit(parsed);
  });
  const error = list.parse(draft) === undefined ? wrong : undefined;
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <TextInput {...ids} value={draft} placeholder={placeholder} onText={edit} />}
    </Field>
  );
}
