import { type ReactNode, useRef, useState } from 'react';
import { type Failure, failureOf } from '../../../core/base/errors.ts';
import type { ReadPreview } from './read-offer.ts';
import type { Source } from '../../../core/engine/engine.ts';
import type { Settings } from '../../../core/engine/settings.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useServices } from '../../stores/context.tsx';
import { selectAdded } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { AdvancedToggle } from './advanced.tsx';
import { ChoiceFields } from './choice-fields.tsx';
import {
  type AddForm as Form,
  checkForm,
  firstForm,
  identityCount,
  isAdvanced,
  optionsOf,
  wantedBytes,
} from './choices.ts';
import { FileTree } from './file-tree.tsx';
import { Oddities } from './oddities.tsx';
import { useFolderChoice } from './use-folder-choice.tsx';

const words = text.add;

/** Asks how a torrent is to be downloaded; errors are shown where they belong. */
export function AddForm(props: {
  readonly source: Source;
  readonly preview: ReadPreview;
  readonly settings: Settings;
  readonly waiting: number;
  readonly onDone: () => void;
}): ReactNode {
  const { source, preview, settings, waiting, onDone } = props;
  const { client } = useServices();
  const [form, setForm] = useState(() => firstForm(settings, preview));
  const [advanced, setAdvanced] = useState(false);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Failure>();
  const go = useRef<HTMLButtonElement>(null);
  const change = (changes: Partial<Form>): void => setForm((now) => ({ ...now, ...changes }));
  const found = checkForm(form, preview);
  const errors = tried ? found : {};
  const identities = identityCount(form.identities) ?? 1;

  const { choose, browser } = useFolderChoice(form.output, (output) => {
    change({ output });
    setRefused(undefined);
  });

  const submit = (changes: Partial<Form> = {}): void => {
    const chosen = { ...form, ...changes };
    setTried(true);
    setRefused(undefined);
    if (isAdvanced(found)) setAdvanced(true);
    if (Object.keys(found).length > 0 || busy) return;
    setBusy(true);
    client.call('add', { source, options: optionsOf(chosen, preview, settings) }).then(
      (key) => {
        selectAdded(key);
        onDone();
      },
      (error: unknown) => {
        setRefused(failureOf(error));
        setBusy(false);
      },
    );
  };

  return (
    <Dialog
      open
      onClose={onDone}
      title={words.title(preview.name)}
      subtitle={factsOf(preview)}
      onSubmit={() => submit()}
      initialFocus={go}
      footer={
        <>
          <AdvancedToggle open={advanced} onToggle={() => setAdvanced(!advanced)} />
          <span className={styles['note']}>{waiting > 0 ? words.more(format.count(waiting)) : ''}</span>
          <Button onClick={onDone}>{words.cancel}</Button>
          <Button ref={go} type="submit" tone="primary" aria-disabled={busy}>
            {words.download}
          </Button>
        </>
      }
    >
      {preview.files.length > 0 && (
        <FileTree
          files={preview.files}
          wanted={form.wanted}
          names={form.names}
          onChange={(wanted) => change({ wanted })}
          onNames={(names) => change({ names })}
        />
      )}
      <Oddities preview={preview} />
      {errors.files !== undefined && <p className={styles['error']}>{errors.files}</p>}
      <ChoiceFields
        form={form}
        errors={errors}
        need={wantedBytes(form, preview)}
        privateConfirm={preview.private ? words.privateConfirm(format.count(identities)) : undefined}
        advanced={advanced}
        onChange={change}
      />
      {refused !== undefined && (
        <div className={styles['refused']} role="alert">
          <p>{refused.message}</p>
          {(refused.code === 'exists' || refused.code === 'disk') && (
            <div className={styles['ways']}>
              {refused.code === 'exists' && (
                <Button onClick={() => submit({ reuse: true })}>{text.detail.trouble.reuse}</Button>
              )}
              <Button onClick={choose}>{text.detail.trouble.elsewhere}</Button>
            </div>
          )}
        </div>
      )}
      {browser}
    </Dialog>
  );
}

function factsOf(preview: ReadPreview): string {
  const { facts } = words;
  const { length, pieceCount, pieceLength, trackers } = preview;
  const parts: string[] = [];
  if (length === null) parts.push(facts.magnet);
  else parts.push(format.bytes(length));
  if (pieceCount !== null && pieceLength !== null) {
    parts.push(facts.pieces(pieceCount, format.count(pieceCount), format.pieceLength(pieceLength)));
  }
  if (trackers > 0 || length !== null) parts.push(facts.trackers(trackers, format.count(trackers)));
  if (preview.version !== 1) parts.push(preview.version === 2 ? facts.version2 : facts.hybrid);
  if (preview.private) parts.push(facts.private);
  return parts.join(' · ');
}
