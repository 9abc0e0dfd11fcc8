import { memo, type ReactNode, useEffect, useRef } from 'react';
import { usePalette, usePixelRatio } from '../stores/theme.ts';
import { marked, type Palette, textureOf } from './palette.ts';
import styles from './swatch.module.css';

const SIDE = 11;

/** A cell of a piece map beside a name: an identity's colour and texture, or what another kind of cell looks like. */
export const Swatch = memo(function Swatch(props: { readonly slot: number; readonly arriving?: boolean }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = usePalette();
  const ratio = usePixelRatio();
  const { slot, arriving = false } = props;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const side = Math.round(SIDE * ratio);
    element.width = side;
    element.height = side;
    const image = new ImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    const unit = Math.max(1, Math.round(ratio));
    for (let i = 0; i < pixels.length; i++) {
      pixels[i] = colourAt(palette, slot, arriving, i % side, Math.floor(i / side), side, unit);
    }
    context.putImageData(image, 0, 0);
  }, [palette, ratio, slot, arriving]);
  return <canvas ref={canvas} className={styles['swatch']} aria-hidden="true" />;
});

function colourAt(
  palette: Palette,
  slot: number,
  arriving: boolean,
  x: number,
  y: number,
  side: number,
  unit: number,
): number {
  if (arriving && y < side * 0.55) return palette.faint[slot] ?? palette.track;
  const marks = marked(textureOf(slot), x, y, unit);
  return (marks ? palette.mark[slot] : palette.solid[slot]) ?? palette.track;
}
