import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand/react';
import type { Settings } from '../../../../core/engine/settings.ts';
import { format } from '../../../format/format.ts';
import { Button } from '../../../parts/button.tsx';
import { CheckListHead } from '../../../parts/check-list-head.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import type { Batch } from '../../../stores/batches.ts';
import { useBridge, useServices } from '../../../stores/context.tsx';
import { batchCloses, batchDone, oneByOne, say, selectAdded } from '../../../stores/ui-store.ts';
import { text } from '../../../texts/en.ts';
import styles from '../add-form.module.css';
import { AdvancedToggle } from '../advanced.tsx';
import { ChoiceFields } from '../choice-fields.tsx';
import { type AddForm, checkForm, firstForm, identityCount, isAdvanced, optionsOf } from '../choices.ts';
import { Many } from './many.ts';
import { ManyList } from './many-list.tsx';
import many from './many.module.css';
import { isLeftOut, isOpen, isWanted, tally, type ListTally } from './rows.ts';

const words = text.many;
/** Which files are wanted is chosen for one torrent alone. */
const NO_FILES = { files: [], fileSlots: 0 };

/** Several torrents in a list, with one set of choices for all that are chosen. */
export function ManyDialog(props: { readonly batch: Batch; readonly waiting: number }): ReactNode {
  const settings = useBridge((state) => state.app?.settings);
  return settings && <ManyForm {...props} settings={settings} />;
}

function ManyForm(props: { readonly batch: Batch; readonly waiting: number; readonly settings: Settings }): ReactNode {
  const { batch, waiting, settings } = props;
  const work = useMany(batch);
  const { rows, run } = useStore(work.store);
  const [form, setForm] = useState(() => firstForm(settings, NO_FILES));
  const [advanced, setAdvanced] = useState(false);
  const [tried, setTried] = useState(false);
  const [onlyLeftOut, setOnlyLeftOut] = useState(false);
  const head = useRef<HTMLDivElement>(null);
  const go = useRef<HTMLButtonElement>(null);
  const sums = tally(rows);
  const leftOut = rows.filter(isLeftOut);
  const shown = onlyLeftOut && leftOut.length > 0 ? leftOut : rows;
  const found = checkForm(form, { ...NO_FILES, private: sums.private > 0 });
  const errors = tried ? found : {};
  const busy = sums.reading > 0 || run !== undefined;
  const change = (changes: Partial<AddForm>): void => setForm((now) => ({ ...now, ...changes }));
  // Those that are being added come to their end first.
  const close = (): void => (run === undefined ? batchDone(batch.id) : work.stop());

  const submit = (): void => {
    setTried(true);
    if (isAdvanced(found)) setAdvanced(true);
    if (Object.keys(found).length > 0 || sums.wanted === 0 || busy) return;
    batchCloses(batch.id);
    // The field that had the focus cannot be used for a while.
    go.current?.focus();
    void addAll();
  };
  const addAll = async (): Promise<void> => {
    await work.add((facts) => ({
      ...optionsOf(form, { ...NO_FILES, private: facts.private }, settings),
      allowPrivate: facts.private && form.allowPrivate,
    }));
    const { rows } = work.store.getState();
    const last = rows.findLast(({ fate }) => fate.kind === 'added')?.facts;
    if (last !== undefined) selectAdded(last.key);
    const after = tally(rows);
    if (after.failed > 0) {
      setOnlyLeftOut(true);
      head.current?.scrollIntoView({ block: 'nearest' });
    }
    // Where some failed, or the user stopped, the list stays with the rest.
    if (after.failed > 0 || after.wanted > 0) return;
    const rest = rows.length - after.added;
    const message = words.done(after.added, format.count(after.added), rest, format.count(rest));
    say({ tone: 'ok', message });
    batchDone(batch.id);
  };

  return (
    <Dialog
      open
      onClose={close}
      title={words.title}
      subtitle={summaryOf(sums)}
      onSubmit={submit}
      initialFocus={go}
      footer={
        <>
          <AdvancedToggle open={advanced} onToggle={() => setAdvanced(!advanced)} />
          <span className={styles['note']}>{noteOf(sums, run, waiting)}</span>
          <Button onClick={close}>{run === undefined ? text.add.cancel : words.stop}</Button>
          <Button ref={go} type="submit" tone="primary" aria-disabled={busy || sums.wanted === 0}>
            {submitLabel(sums)}
          </Button>
        </>
      }
    >
      <div ref={head}>
        <CheckListHead
          label={words.all}
          open={sums.open}
          chosen={sums.wanted}
          fixed={run !== undefined}
          onAll={(chosen) => work.choose(new Set(rows.filter(isOpen).map(({ id }) => id)), chosen)}
          leftOut={leftOut.length}
          onlyLeftOut={onlyLeftOut}
          onOnlyLeftOut={setOnlyLeftOut}
        >
          <span className={many['space']} />
          <Button
            disabled={busy || sums.wanted === 0}
            onClick={() => oneByOne(batch.id, new Set(rows.filter(isWanted).map(({ id }) => id)))}
          >
            {words.oneByOne}
          </Button>
        </CheckListHead>
      </div>
      <ManyList rows={shown} onChoose={(id, chosen) => run === undefined && work.choose(new Set([id]), chosen)} />
      <progress
        className={`${many['progress']} ${busy ? '' : many['idle']}`}
        aria-label={run === undefined ? text.add.loading : words.title}
        max={run?.of ?? rows.length}
        value={run?.done ?? rows.length - sums.reading}
      />
      {tried && sums.wanted === 0 && !busy && <p className={styles['error']}>{words.none}</p>}
      {sums.failed > 0 && run === undefined && (
        <p className={styles['refused']} role="alert">
          {words.problem(sums.failed, format.count(sums.failed))}
        </p>
      )}
      <div inert={run !== undefined} className={many['choices']}>
        <ChoiceFields
          form={form}
          errors={errors}
          need={sums.bytes}
          privateConfirm={sums.private > 0 ? confirmOf(form, sums) : undefined}
          advanced={advanced}
          onChange={change}
        />
      </div>
    </Dialog>
  );
}

/** Reads what is in the batch, also what joins it later, as long as the dialog is there. */
function useMany(batch: Batch): Many {
  const { client } = useServices();
  const [work] = useState(() => new Many(client));
  useEffect(() => {
    work.open();
    return () => work.close();
  }, [work]);
  useEffect(() => work.take(batch.offers, words.link), [work, batch.offers]);
  return work;
}

function submitLabel({ wanted, open, failed }: ListTally): string {
  if (wanted === 0) return words.addNone;
  return failed > 0 && wanted <= failed ? words.again : words.add(wanted, open, format.count(wanted));
}

function confirmOf({ identities }: AddForm, sums: ListTally): string {
  return words.privateConfirm(sums.private, format.count(identityCount(identities) ?? 1), format.count(sums.private));
}

function noteOf(sums: ListTally, run: { done: number; of: number } | undefined, waiting: number): string {
  if (run !== undefined) return words.adding(format.count(run.done), format.count(run.of));
  if (sums.reading > 0) return words.reading(format.count(sums.reading));
  return waiting > 0 ? text.add.more(format.count(waiting)) : '';
}

function summaryOf(sums: ListTally): string {
  const { wanted, bytes, refused, known, failed, added } = sums;
  return [
    `${words.torrents(wanted, format.count(wanted))}${bytes > 0 ? ` · ${format.bytes(bytes)}` : ''}`,
    ...(added > 0 ? [words.added(format.count(added))] : []),
    ...(failed > 0 ? [words.failed(failed, format.count(failed))] : []),
    ...(refused > 0 ? [words.refused(refused, format.count(refused))] : []),
    ...(known > 0 ? [words.known(format.count(known))] : []),
  ].join(' · ');
}
