import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LinkSnapshot } from '../../../core/engine/link-profiles.ts';
import { waitText } from '../../../core/engine/link-rules.ts';
import { type PathFound, type PathsInUse, seenAsOne } from '../../../core/engine/paths.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useActions } from '../../stores/context.tsx';
import { open } from '../../stores/ui-store.ts';
import { usePaths } from '../../stores/use-paths.ts';
import { text } from '../../texts/en.ts';
import table from '../detail/table.module.css';
import styles from './links-dialog.module.css';
import tones from '../../parts/tones.module.css';

const words = text.links;
const { columns } = words;

/** Every way out of the machine: what leaves by it, whether it leads where it should, and what sets it right. */
export function LinksDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const found = usePaths();
  return (
    <Dialog
      open
      onClose={onClose}
      width="large"
      title={words.title}
      subtitle={words.subtitle}
      onSubmit={onClose}
      footer={
        <>
          <Button onClick={() => open({ kind: 'settings', tab: 'links' })}>{words.edit}</Button>
          <span className={styles['space']} />
          <Button type="submit" tone="primary">
            {words.close}
          </Button>
        </>
      }
    >
      {found === undefined ? <p className={styles['hint']}>{words.loading}</p> : <Links found={found} />}
    </Dialog>
  );
}

function Links({ found }: { readonly found: PathsInUse }): ReactNode {
  const { links, paths, shared } = found;
  return (
    <>
      <h3 className={styles['legend']}>{words.inUse}</h3>
      {links.length === 0 ? <p className={styles['hint']}>{words.noneInUse}</p> : <UseTable links={links} />}
      <h3 className={styles['legend']}>{words.machine}</h3>
      {paths.length === 0 ? <p className={styles['hint']}>{words.noAddresses}</p> : <PathTable paths={paths} />}
      {shared.map((group) => (
        <p key={group.join()} className={styles['note']}>
          {words.shared(group.slice(0, -1).join(', '), group.at(-1) ?? '')}
        </p>
      ))}
      {seenAsOne(paths, shared).map((group) => (
        <p key={`seen ${group.join()}`} className={styles['note']}>
          {words.seenAsOne(group.slice(0, -1).join(', '), group.at(-1) ?? '')}
        </p>
      ))}
      {paths.map((path) => (
        <Commands key={path.address} path={path} />
      ))}
    </>
  );
}

function UseTable({ links }: { readonly links: readonly LinkSnapshot[] }): ReactNode {
  return (
    <table className={`${table['table']} ${styles['table']}`} aria-label={words.inUse}>
      <thead>
        <tr>
          <th scope="col">{columns.link}</th>
          <th scope="col">{columns.state}</th>
          {[columns.down, columns.up, columns.came, columns.left].map((name) => (
            <th key={name} scope="col" className={table['number']}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {links.map((link) => (
          <UseRow key={`${link.name ?? ''} ${link.at}`} link={link} />
        ))}
      </tbody>
    </table>
  );
}

function UseRow({ link }: { readonly link: LinkSnapshot }): ReactNode {
  const { name, at, address, role, wait, identities, rate, downloaded, uploaded, month } = link;
  const where = at === '' ? words.chosenBySystem : address === undefined || address === at ? at : `${at} · ${address}`;
  const facts = [
    ...(name === undefined ? [] : [where]),
    ...(role === 'both' ? [] : [words.roles[role].name]),
    ...(month === undefined ? [] : [words.month(format.bytes(month.used), format.bytes(month.allowance))]),
  ];
  return (
    <tr>
      <th scope="row">
        {name ?? where}
        {facts.length > 0 && <span className={styles['facts']}>{facts.join(' · ')}</span>}
      </th>
      <td data-label={columns.state} className={wait === undefined ? tones['ok'] : tones['warn']}>
        {wait === undefined ? words.ready(identities, format.count(identities)) : words.waits(waitText(wait))}
      </td>
      <td data-label={columns.down} className={table['number']}>
        {format.rate(rate.down)}
      </td>
      <td data-label={columns.up} className={table['number']}>
        {format.rate(rate.up)}
      </td>
      <td data-label={columns.came} className={table['number']}>
        {format.bytes(downloaded)}
      </td>
      <td data-label={columns.left} className={table['number']}>
        {format.bytes(uploaded)}
      </td>
    </tr>
  );
}

function PathTable({ paths }: { readonly paths: PathsInUse['paths'] }): ReactNode {
  return (
    <table className={`${table['table']} ${styles['table']}`} aria-label={words.machine}>
      <thead>
        <tr>
          {[columns.address, columns.router, columns.way, columns.state].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {paths.map((path) => (
          <PathRow key={`${path.interfaceName} ${path.address}`} path={path} />
        ))}
      </tbody>
    </table>
  );
}

function PathRow({ path }: { readonly path: PathsInUse['paths'][number] }): ReactNode {
  const { address, interfaceName, kind, gateway, verdict, leavesBy, to, why, outside } = path;
  const facts = [
    interfaceName,
    words.kinds[kind],
    ...(path.temporary ? [words.temporary] : []),
    ...(path.deprecated ? [words.deprecated] : []),
    ...(path.up ? [] : [words.unplugged]),
    ...(outside === null ? [] : [words.seenAs(outside)]),
  ];
  const way = leavesBy === null ? (why ?? text.none) : to === null ? leavesBy : words.to(leavesBy, to);
  const isTunnel = verdict === 'own' && kind === 'vpn';
  const tone = verdict === 'own' ? 'ok' : verdict === 'untold' ? 'soft' : 'bad';
  return (
    <tr>
      <th scope="row">
        {address}
        <span className={styles['facts']}>{facts.join(' · ')}</span>
      </th>
      <td data-label={columns.router}>{gateway ?? text.none}</td>
      <td data-label={columns.way}>{way}</td>
      <td data-label={columns.state} className={tones[tone]}>
        {isTunnel ? words.tunnel : words.verdicts[verdict]}
      </td>
    </tr>
  );
}

/** What sets a link right, to be read and copied. */
function Commands({ path }: { readonly path: PathFound }): ReactNode {
  const actions = useActions();
  const { address, verdict, make, undo, gateway } = path;
  if (make.length === 0) {
    const isWrong = verdict === 'elsewhere' || verdict === 'nowhere';
    return isWrong && gateway === null ? <p className={styles['note']}>{`${address}: ${words.noRouter}`}</p> : null;
  }
  const [making, undoing] = [make, undo].map((lines) => lines.map((line) => line.join(' ')).join('\n'));
  return (
    <section aria-label={words.commands(address)} className={styles['commands']}>
      <div className={styles['head']}>
        <h4>{words.commands(address)}</h4>
        <Button icon={<Copy />} aria-label={words.copy(address)} onClick={() => actions.copy(`${making}\n`)}>
          {words.copyShort}
        </Button>
      </div>
      {(
        [
          [words.make, making],
          [words.undo, undoing],
        ] as const
      ).map(([name, lines]) => (
        <figure key={name} className={styles['lines']}>
          <figcaption>{name}</figcaption>
          <pre tabIndex={0} aria-label={`${name}, ${address}`}>
            {lines}
          </pre>
        </figure>
      ))}
    </section>
  );
}
