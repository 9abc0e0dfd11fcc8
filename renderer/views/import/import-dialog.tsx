import { type ReactNode, useRef, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { messageOf } from '../../../core/base/errors.ts';
import { isWholePath } from '../../../core/base/whole-path.ts';
import type { ImportOutcome } from '../../../core/bridge/import-candidate.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Check } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useBridge, useServices } from '../../stores/context.tsx';
import { say } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import add from '../add/add-form.module.css';
import { PathField } from '../add/path-field.tsx';
import { SaveIn } from '../add/save-in.tsx';
import { CandidateList } from './candidate-list.tsx';
import { type Candidate, chosenOf, isToBeLooked } from './candidates.ts';
import { Imported } from './imported.tsx';
import styles from './import.module.css';
import { useCandidates } from './use-candidates.ts';

const words = text.import;
const NONE: readonly Candidate[] = [];

/** Torrents that other clients on this machine keep: shown with what becomes of each, chosen, and taken over. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { client } = useServices();
  const usual = useBridge((state) => state.app?.settings.folder ?? '');
  const others = useCandidates();
  const [typed, setTyped] = useState('');
  const [chosenFolder, setFolder] = useState<string>();
  const [paused, setPaused] = useState(false);
  const [tried, setTried] = useState(false);
  const [taking, setTaking] = useState<readonly TorrentKey[]>();
  const [refusal, setRefusal] = useState<string>();
  const [taken, setTaken] = useState<ImportOutcome>();
  const closed = useRef(false);
  const place = typed.trim();
  const output = chosenFolder ?? usual;
  const found = others.found ?? NONE;
  const chosen = chosenOf(found);
  const looks = isToBeLooked(place, others);
  const reading = others.found === undefined && others.refusal === undefined;
  const errors = {
    place: place === '' || isWholePath(place) ? undefined : words.placeWrong,
    output: isWholePath(output.trim()) ? undefined : text.add.errors.folder,
  };
  const close = (): void => {
    closed.current = true;
    onClose();
  };
  if (taken !== undefined) return <Imported taken={taken} onClose={close} />;

  const look = (where: string): void => {
    setTried(false);
    setRefusal(undefined);
    others.look(where);
  };
  const take = (): void => {
    const { wanted } = chosen;
    setTaking(wanted);
    setRefusal(undefined);
    const folder = others.place === '' ? null : others.place;
    client.call('importTorrents', { folder, output: output.trim(), paused, only: wanted }).then(
      (now) => {
        // Whoever has closed the dialog is told all the same.
        if (!closed.current) return setTaken(now);
        say({ tone: 'ok', message: words.added(now.added, format.count(now.added)) });
      },
      (error: unknown) => {
        setTaking(undefined);
        if (!closed.current) return setRefusal(messageOf(error));
        say({ tone: 'bad', message: messageOf(error) });
      },
    );
  };
  const submit = (): void => {
    if (reading || taking !== undefined) return;
    setTried(true);
    if (looks) return errors.place === undefined ? look(place) : undefined;
    if (errors.output === undefined && chosen.wanted.length > 0) take();
  };

  const figure = format.count(chosen.wanted.length);
  return (
    <Dialog
      open
      onClose={close}
      title={words.title}
      subtitle={words.hint}
      onSubmit={submit}
      footer={
        <>
          <span className={add['note']} role="status">
            {reading ? words.looking : taking !== undefined ? <Progress keys={taking} /> : ''}
          </span>
          <Button onClick={close}>{taking === undefined ? text.cancel : words.close}</Button>
          <Button type="submit" tone="primary" aria-disabled={reading || taking !== undefined}>
            {looks ? words.look : words.import(chosen.wanted.length, figure)}
          </Button>
        </>
      }
    >
      <div inert={taking !== undefined} className={styles['choices']}>
        <PathField
          label={words.place}
          placeholder={words.usual}
          hint={words.placeHint}
          value={typed}
          error={tried ? errors.place : undefined}
          onChange={setTyped}
          onChosen={(path) => {
            setTyped(path);
            look(path);
          }}
        />
        {others.found?.length === 0 && <p className={styles['summary']}>{words.nothing}</p>}
        {found.length > 0 && (
          <>
            <CandidateList found={found} chosen={chosen} choose={others.choose} />
            {tried && !looks && chosen.wanted.length === 0 && <p className={add['error']}>{words.none}</p>}
            {chosen.elsewhere && (
              <SaveIn
                label={words.saveIn}
                value={output}
                need={chosen.need}
                error={tried ? errors.output : undefined}
                onChange={setFolder}
              />
            )}
            <div className={styles['paused']}>
              <Check label={words.paused} checked={paused} onChange={setPaused} />
            </div>
          </>
        )}
      </div>
      {(refusal ?? others.refusal) !== undefined && (
        <p className={add['refused']} role="alert">
          {refusal ?? others.refusal}
        </p>
      )}
    </Dialog>
  );
}

/** How many are in the list of downloads by now. */
function Progress({ keys }: { readonly keys: readonly TorrentKey[] }): ReactNode {
  const downloads = useBridge((state) => state.app?.downloads) ?? [];
  const wanted = new Set(keys);
  const there = downloads.filter(({ key }) => wanted.has(key)).length;
  return words.importing(format.count(there), format.count(keys.length));
}
