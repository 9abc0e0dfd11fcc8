import { type HTMLAttributes, memo, type ReactNode, type Ref, useEffect, useId, useMemo, useRef } from 'react';
import { usePixelRatio, usePalette } from '../stores/theme.ts';
import { GREY, type Lens, ownLens, WHOLE } from './codes.ts';
import type { MapSize } from './grid.ts';
import type { MapData } from './map-data.ts';
import styles from './piece-map.module.css';
import { type Scene, Surface } from './surface.ts';

export interface PieceMapProps {
  readonly data: MapData;
  readonly size: MapSize;
  /** Name and figures of what it shows, for a screen reader. */
  readonly label: string;
  readonly description?: string;
  /** Shows this identity's pieces in its colour and the others' in grey. */
  readonly own?: number;
  /** Shows what is there in grey, where nothing moves. */
  readonly grey?: boolean;
  /** Dims everything but this identity. */
  readonly only?: number | undefined;
  /** Which pieces to show: the first, and one beyond the last; by default all. */
  readonly from?: number;
  readonly to?: number;
  /** Gives the surface to whoever wants to know which piece lies where. */
  readonly surface?: Ref<Surface>;
  readonly className?: string | undefined;
  /** Handlers and focus, where the map answers to the pointer and the keyboard. */
  readonly canvasProps?: HTMLAttributes<HTMLCanvasElement>;
}

/** The one piece map: as a line, a band or a map. It draws itself when its data change, without React. */
export const PieceMap = memo(function PieceMap(props: PieceMapProps): ReactNode {
  const { data, size, label, description, own, grey = false, only, from = 0, to = data.count } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useRef<Surface>(null);
  const ratio = usePixelRatio();
  const palette = usePalette(only);
  const describedBy = useId();
  const scene = useMemo<Scene>(
    () => ({ data, from, to, lens: lensOf(own, grey), first: own ?? only ?? -1, palette, size }),
    [data, from, to, own, grey, only, palette, size],
  );
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const made = new Surface(element);
    surface.current = made;
    setRef(props.surface, made);
    const sized = new ResizeObserver(([entry]) => {
      if (entry) made.resize(entry.contentRect.width, entry.contentRect.height);
    });
    const seen = new IntersectionObserver(([entry]) => made.setVisible(entry?.isIntersecting ?? true));
    sized.observe(element);
    seen.observe(element);
    return () => {
      sized.disconnect();
      seen.disconnect();
      made.dispose();
      surface.current = null;
      setRef(props.surface, null);
    };
  }, [props.surface]);
  useEffect(() => {
    surface.current?.show(scene);
  }, [scene, props.surface]);
  useEffect(() => {
    surface.current?.setRatio(ratio);
  }, [ratio, props.surface]);
  return (
    <span className={`${styles['frame']} ${styles[size]} ${props.className ?? ''}`}>
      <canvas
        {...props.canvasProps}
        ref={canvas}
        className={styles['canvas']}
        role="img"
        aria-label={label}
        aria-describedby={description === undefined ? undefined : describedBy}
      />
      {description !== undefined && (
        <span id={describedBy} className="visually-hidden">
          {description}
        </span>
      )}
    </span>
  );
});

function lensOf(own: number | undefined, grey: boolean): Lens {
  if (own !== undefined) return ownLens(own);
  return grey ? GREY : WHOLE;
}

function setRef<T>(ref: Ref<T> | undefined, value: T | null): void {
  if (typeof ref === 'function') ref(value);
  else if (ref) ref.current = value;
}
