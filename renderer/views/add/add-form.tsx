import { type ReactNode, useRef, useState } from 'react';
import { SELECTION_MODES } from '../../../core/base/choices.ts';
import { messageOf } from '../../../core/base/errors.ts';
import type { Preview } from '../../../core/bridge/contract.ts';
import type { Settings } from '../../../core/engine/settings.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Cards, Check } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useServices } from '../../stores/context.tsx';
import { type Offer, offerDone } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { Advanced, AdvancedToggle } from './advanced.tsx';
import { type AddForm as Form, checkForm, firstForm, identityCount, optionsOf, wantedBytes } from './choices.ts';
import { FileTree } from './file-tree.tsx';
import { IdentitiesField } from './identities-field.tsx';
import { Oddities } from './oddities.tsx';
import { SaveIn } from './save-in.tsx';

const words = text.add;
const MODES = SELECTION_MODES.map((value) => ({ value, ...text.modes[value] }));

/** Asks how a torrent is to be downloaded; errors are shown where they belong. */
export function AddForm(props: {
  readonly offer: Offer;
  readonly preview: Preview;
  readonly settings: Settings;
  readonly waiting: number;
}): ReactNode {
  const { offer, preview, settings, waiting } = props;
  const { client } = useServices();
  const [form, setForm] = useState(() => firstForm(settings, preview));
  const [advanced, setAdvanced] = useState(false);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const go = useRef<HTMLButtonElement>(null);
  const change = (changes: Partial<Form>): void => setForm((now) => ({ ...now, ...changes }));
  const close = (): void => offerDone(offer.id);
  const found = checkForm(form, preview);
  const errors = tried ? found : {};
  const identities = identityCount(form.identities) ?? 1;

  const submit = (): void => {
    setTried(true);
    setRefused(undefined);
    if (found.port !== undefined || found.limits !== undefined || found.ratio !== undefined) setAdvanced(true);
    if (Object.keys(found).length > 0 || busy) return;
    setBusy(true);
    client
      .call('add', { source: offer.source, options: optionsOf(form, preview, settings) })
      .then(close, (error: unknown) => {
        setRefused(messageOf(error));
        setBusy(false);
      });
  };

  return (
    <Dialog
      open
      onClose={close}
      title={words.title(preview.name)}
      subtitle={factsOf(preview)}
      onSubmit={submit}
      initialFocus={go}
      footer={
        <>
          <AdvancedToggle open={advanced} onToggle={() => setAdvanced(!advanced)} />
          <span className={styles['note']}>{waiting > 0 ? words.more(format.count(waiting)) : ''}</span>
          <Button onClick={close}>{words.cancel}</Button>
          <Button ref={go} type="submit" tone="primary" aria-disabled={busy}>
            {words.download}
          </Button>
        </>
      }
    >
      {preview.files.length > 0 && (
        <FileTree files={preview.files} wanted={form.wanted} onChange={(wanted) => change({ wanted })} />
      )}
      <Oddities preview={preview} />
      {errors.files !== undefined && <p className={styles['error']}>{errors.files}</p>}
      <SaveIn
        value={form.output}
        need={wantedBytes(form, preview)}
        error={errors.output}
        onChange={(output) => change({ output })}
      />
      <IdentitiesField
        value={form.identities}
        bind={form.bind}
        error={errors.identities}
        onChange={(value) => change({ identities: value })}
        onBind={(bind) => change({ bind })}
      />
      {preview.private && identities > 1 && (
        <div className={styles['private']}>
          <Check
            label={words.privateConfirm(format.count(identities))}
            hint={words.privateHint}
            checked={form.allowPrivate}
            onChange={(allowPrivate) => change({ allowPrivate })}
          />
          {errors.private !== undefined && <p className={styles['error']}>{errors.private}</p>}
        </div>
      )}
      <Cards
        label={words.selection}
        value={form.selection}
        options={MODES}
        disabled={identities === 1}
        onChange={(selection) => change({ selection })}
      />
      <div className={styles['checks']}>
        <Check label={words.share} checked={form.share} onChange={(share) => change({ share })} />
        <Check label={words.assemble} checked={form.assemble} onChange={(assemble) => change({ assemble })} />
      </div>
      {advanced && <Advanced form={form} errors={errors} onChange={change} />}
      {refused !== undefined && (
        <p className={styles['refused']} role="alert">
          {refused}
        </p>
      )}
    </Dialog>
  );
}

function factsOf(preview: Preview): string {
  const { facts } = words;
  const { length, pieceCount, pieceLength, trackers } = preview;
  const parts: string[] = [];
  if (length === null) parts.push(facts.magnet);
  else parts.push(format.bytes(length));
  if (pieceCount !== null && pieceLength !== null) {
    parts.push(facts.pieces(pieceCount, format.count(pieceCount), format.pieceLength(pieceLength)));
  }
  if (trackers > 0 || length !== null) parts.push(facts.trackers(trackers, format.count(trackers)));
  if (preview.private) parts.push(facts.private);
  return parts.join(' · ');
}
