import { type ReactNode, useState } from 'react';
import type { FilterReport } from '../../../core/base/filter-text.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useServices } from '../../stores/context.tsx';
import { sayError } from '../../stores/ui-store.ts';
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
    client.call('readFilter', null).then(setReport, sayError);
  };
  return (
    <>
      <Field label={words.ipFilter} hint={words.ipFilterHint}>
        {(ids) => <TextInput {...ids} value={draft} onText={edit} />}
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
