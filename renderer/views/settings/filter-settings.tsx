import { type ReactNode, useState } from 'react';
import type { FilterReport } from '../../../core/base/filter-text.ts';
import { messageOf } from '../../../core/base/errors.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { useServices } from '../../stores/context.tsx';
import { say } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { useCommitted } from './committed.tsx';
import styles from './settings-dialog.module.css';

const words = text.settings;

/** The list of addresses to keep out, and what was read of it. */
export function FilterSettings(props: { readonly file: string; readonly onFile: (file: string) => void }): ReactNode {
  const { client } = useServices();
  const [draft, edit] = useCommitted(props.file, (typed) => props.onFile(typed.trim()));
  const [report, setReport] = useState<FilterReport>();
  const read = (): void => {
    client
      .call('readFilter', null)
      .then(setReport, (error: unknown) => say({ tone: 'bad', message: messageOf(error) }));
  };
  return (
    <>
      <Field label={words.ipFilter} hint={words.ipFilterHint}>
        {(ids) => (
          <input
            {...ids}
            className={field['input']}
            value={draft}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => edit(event.currentTarget.value)}
          />
        )}
      </Field>
      {props.file !== '' && <Button onClick={read}>{words.ipFilterRead}</Button>}
      {report && (
        <div className={styles['hint']} role="status">
          {words.ipFilterReport(format.count(report.ranges), format.count(report.bad))}
          {report.first.map(({ line, text: shown }) => (
            <div key={line}>{words.ipFilterBad(format.count(line), shown)}</div>
          ))}
        </div>
      )}
    </>
  );
}
