import type { ReactNode } from 'react';
import type { ImportOutcome } from '../../../core/bridge/import-candidate.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import dialog from '../../parts/dialog.module.css';
import { text } from '../../texts/en.ts';
import add from '../add/add-form.module.css';
import styles from './import.module.css';

const words = text.import;

/** What was taken over, and what was not. */
export function Imported({
  taken,
  onClose,
}: {
  readonly taken: ImportOutcome;
  readonly onClose: () => void;
}): ReactNode {
  const { added, refused, failures } = taken;
  return (
    <Dialog
      open
      width="narrow"
      onClose={onClose}
      title={words.added(added, format.count(added))}
      onSubmit={onClose}
      footer={
        <>
          <span className={dialog['space']} />
          <Button type="submit" tone="primary">
            {words.close}
          </Button>
        </>
      }
    >
      {added > 0 && <p>{words.after}</p>}
      {refused > 0 && (
        <div className={add['refused']} role="alert">
          <p>{words.notAdded(refused, format.count(refused))}</p>
          <ul className={styles['failures']}>
            {failures.map((failure) => (
              <li key={failure}>{failure}</li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}
