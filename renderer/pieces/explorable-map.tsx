import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { cellBox, moveCursor } from './cursor.ts';
import type { Tip } from './describe.ts';
import { cellAt, piecesOf } from './grid.ts';
import styles from './explorable-map.module.css';
import { PieceMap, type PieceMapProps } from './piece-map.tsx';
import type { Surface } from './surface.ts';

export interface ExplorableMapProps extends Omit<PieceMapProps, 'surface' | 'canvasProps'> {
  /** The tip for pieces `from` to before `to`. */
  readonly tip: (from: number, to: number) => Tip;
  /** A cell is pointed at, or what it shows has changed: pieces `from` to before `to`. */
  readonly onPoint: (from: number, to: number) => void;
}

interface Pointed {
  readonly cell: number;
  /** By keyboard: the cell is marked, and its tip is also spoken. */
  readonly keyed: boolean;
}

/** A piece map with a tip for the cell below the pointer or the keyboard's cursor. */
export function ExplorableMap({ tip, onPoint, ...map }: ExplorableMapProps): ReactNode {
  const [surface, setSurface] = useState<Surface | null>(null);
  const [pointed, setPointed] = useState<Pointed>();
  const [version, redraw] = useState(0);
  const last = useRef(0);
  const { data } = map;
  useEffect(() => data.onChange(() => redraw((n) => n + 1)), [data]);

  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const grid = surface?.grid;
    if (!grid) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * grid.width;
    const y = ((event.clientY - box.top) / box.height) * grid.height;
    const cell = cellAt(grid, x, y);
    if (cell !== undefined) last.current = cell;
    if (cell !== pointed?.cell) setPointed(cell === undefined ? undefined : { cell, keyed: false });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const grid = surface?.grid;
    if (!grid) return;
    if (event.key === 'Escape') {
      setPointed(undefined);
      return;
    }
    const cell = moveCursor(grid, last.current, event.key);
    if (cell === undefined) return;
    event.preventDefault();
    last.current = cell;
    setPointed({ cell, keyed: true });
  };
  const onFocus = (event: React.FocusEvent): void => {
    if (event.currentTarget.matches(':focus-visible')) setPointed({ cell: last.current, keyed: true });
  };

  const grid = surface?.grid;
  const cell = pointed?.cell;
  useEffect(() => {
    if (grid && cell !== undefined) onPoint(...piecesOf(grid, cell));
  }, [grid, cell, version, onPoint]);
  const shown = grid && pointed && pointed.cell < grid.cells ? { grid, ...pointed } : undefined;
  return (
    <div className={styles['place']}>
      <PieceMap
        {...map}
        surface={setSurface}
        canvasProps={{
          tabIndex: 0,
          onPointerMove,
          onPointerLeave: () => setPointed(undefined),
          onKeyDown,
          onFocus,
          onBlur: () => setPointed(undefined),
        }}
      />
      {shown && <TipBox shown={shown} tip={tip} keyed={shown.keyed} />}
    </div>
  );
}

interface Shown extends Pointed {
  readonly grid: NonNullable<Surface['grid']>;
}

function TipBox(props: {
  readonly shown: Shown;
  readonly tip: ExplorableMapProps['tip'];
  readonly keyed: boolean;
}): ReactNode {
  const { grid, cell } = props.shown;
  const [from, to] = piecesOf(grid, cell);
  const box = cellBox(grid, cell, devicePixelRatio);
  const { heading, state, lines } = props.tip(from, to);
  const width = grid.width / devicePixelRatio;
  const right = box.left > width / 2;
  const style = {
    top: box.top + box.height + 8,
    ...(right ? { right: Math.max(0, width - box.left - box.width) } : { left: box.left }),
  };
  return (
    <>
      <span className={`${styles['cursor']} ${props.keyed ? styles['keyed'] : ''}`} style={box} />
      <div className={styles['tip']} style={style} role={props.keyed ? 'status' : 'tooltip'}>
        <b>{heading}</b> · {state}
        {lines.map((line) => (
          <span key={line} className={styles['line']}>
            {line}
          </span>
        ))}
      </div>
    </>
  );
}
