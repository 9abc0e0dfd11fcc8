import { type ReactNode, useState } from 'react';
import { bytesPerSecond, type TorrentKey } from '../../../core/base/ids.ts';
import type { DownloadChanges } from '../../../core/engine/engine.ts';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { Button } from '../../parts/button.tsx';
import { Check } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { useActions, useDownload } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { whole } from '../add/choices.ts';
import { SeedChoice } from '../add/seed-choice.tsx';
import styles from './dialogs.module.css';

const KILO = 1000;
const LIMITS = ['down', 'up', 'identityDown', 'identityUp'] as const;
const COUNTS = ['maxUploads', 'maxPeers'] as const;
const SWITCHES = ['share', 'assemble', 'sequential', 'stay'] as const;

/** Limits and options of a running download. */
export function OptionsDialog(props: { readonly torrent: TorrentKey; readonly onClose: () => void }): ReactNode {
  const download = useDownload(props.torrent);
  return download ? <OptionsForm download={download} onClose={props.onClose} /> : null;
}

function OptionsForm({
  download,
  onClose,
}: {
  readonly download: DownloadView;
  readonly onClose: () => void;
}): ReactNode {
  const actions = useActions();
  const [form, setForm] = useState(() => formOf(download));
  const [tried, setTried] = useState(false);
  const change = (changes: Partial<OptionForm>): void => setForm((now) => ({ ...now, ...changes }));
  const found = changesOf(form);
  const wrongLimit = LIMITS.some((name) => whole(form[name], 0, 1e9) === undefined);
  const wrongRatio = form.seed === 'ratio' && !(Number(form.ratio) > 0);
  const submit = (): void => {
    setTried(true);
    if (found === undefined) return;
    actions.change(download.key, found);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.options.title(download.name)}
      onSubmit={submit}
      footer={
        <>
          <span className={styles['space']} />
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button type="submit" tone="primary">
            {text.options.save}
          </Button>
        </>
      }
    >
      <div className={styles['columns']}>
        {LIMITS.map((name) => (
          <Field key={name} inline label={text.options[name]}>
            {(ids) => (
              <NumberInput
                {...ids}
                min={0}
                unit={text.add.unit}
                value={form[name]}
                onText={(typed) => change({ [name]: typed })}
              />
            )}
          </Field>
        ))}
        {COUNTS.map((name) => (
          <Field key={name} inline label={text.options[name]}>
            {(ids) => <NumberInput {...ids} min={1} value={form[name]} onText={(typed) => change({ [name]: typed })} />}
          </Field>
        ))}
      </div>
      <p className={styles['text']}>{tried && wrongLimit ? text.add.errors.limit : text.add.limitHint}</p>
      <SeedChoice
        seed={form.seed}
        ratio={form.ratio}
        error={tried && wrongRatio ? text.add.errors.ratio : undefined}
        onSeed={(seed) => change({ seed })}
        onRatio={(ratio) => change({ ratio })}
      />
      <div className={styles['block']}>
        {SWITCHES.map((name) => (
          <Check
            key={name}
            label={text.add[name]}
            checked={form[name]}
            onChange={(checked) => change({ [name]: checked })}
          />
        ))}
      </div>
    </Dialog>
  );
}

type OptionForm = Record<(typeof LIMITS)[number] | (typeof COUNTS)[number] | 'ratio', string> &
  Record<(typeof SWITCHES)[number], boolean> & { readonly seed: DownloadView['options']['seed']['kind'] };

function formOf({ options }: DownloadView): OptionForm {
  const rate = (value: number): string => String(Math.round(value / KILO));
  const { seed } = options;
  return {
    down: rate(options.down),
    up: rate(options.up),
    identityDown: rate(options.identityDown),
    identityUp: rate(options.identityUp),
    maxUploads: String(options.maxUploads),
    maxPeers: String(options.maxPeers),
    share: options.share,
    assemble: options.assemble,
    sequential: options.sequential,
    stay: options.stay,
    seed: seed.kind,
    ratio: String(seed.kind === 'ratio' ? seed.ratio : 1),
  };
}

/** Undefined where something is wrong. */
function changesOf(form: OptionForm): DownloadChanges | undefined {
  const [down, up, identityDown, identityUp] = LIMITS.map((name) => whole(form[name], 0, 1e9));
  const maxUploads = whole(form.maxUploads, 1, 1000);
  const maxPeers = whole(form.maxPeers, 1, 10_000);
  const ratio = Number(form.ratio);
  if (down === undefined || up === undefined || identityDown === undefined || identityUp === undefined)
    return undefined;
  if (maxUploads === undefined || maxPeers === undefined || (form.seed === 'ratio' && !(ratio > 0))) return undefined;
  return {
    down: bytesPerSecond(down * KILO),
    up: bytesPerSecond(up * KILO),
    identityDown: bytesPerSecond(identityDown * KILO),
    identityUp: bytesPerSecond(identityUp * KILO),
    maxUploads,
    maxPeers,
    share: form.share,
    assemble: form.assemble,
    sequential: form.sequential,
    stay: form.stay,
    seed: form.seed === 'ratio' ? { kind: 'ratio', ratio } : { kind: form.seed },
  };
}
