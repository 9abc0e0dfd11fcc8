import type { ReactNode } from 'react';
import { clockText } from '../../core/engine/link-rules.ts';
import field from './field.module.css';

/** A time of the day, in minutes after midnight. */
export function TimeInput(props: {
  readonly id: string;
  readonly value: number;
  readonly disabled?: boolean;
  readonly onChange: (minute: number) => void;
}): ReactNode {
  const { value, onChange, ...rest } = props;
  return (
    <input
      {...rest}
      type="time"
      className={field['input']}
      value={clockText(value)}
      onChange={({ currentTarget }) => {
        const minute = minuteOf(currentTarget.value);
        if (minute !== undefined) onChange(minute);
      }}
    />
  );
}

function minuteOf(clock: string): number | undefined {
  const [hour = Number.NaN, minute = Number.NaN] = clock.split(':').map(Number);
  return Number.isInteger(hour) && Number.isInteger(minute) ? hour * 60 + minute : undefined;
}
