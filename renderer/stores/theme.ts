import { useSyncExternalStore } from 'react';
import { createStore } from 'zustand/vanilla';
import { useStore } from 'zustand/react';
import type { Appearance } from '../../core/engine/settings.ts';
import { mixPalette, type Palette, type PaletteColours, parseColour } from '../pieces/palette.ts';

type Theme = 'light' | 'dark';

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const theme = createStore<{ appearance: Appearance; shown: Theme }>(() => ({
  appearance: 'system',
  shown: systemDark.matches ? 'dark' : 'light',
}));

function show(appearance: Appearance): void {
  const dark = appearance === 'dark' || (appearance === 'system' && systemDark.matches);
  const shown = dark ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = shown;
  theme.setState({ appearance, shown });
}

systemDark.addEventListener('change', () => show(theme.getState().appearance));

/** Takes over the user's choice. */
export function setAppearance(appearance: Appearance): void {
  show(appearance);
}

export function useTheme(): Theme {
  return useStore(theme, (now) => now.shown);
}

const palettes = new Map<string, Palette>();

/** The colours of piece maps in the current theme; with `only`, all but that identity is dimmed. */
export function usePalette(only?: number): Palette {
  const shown = useTheme();
  const key = `${shown} ${only ?? ''}`;
  const known = palettes.get(key);
  if (known) return known;
  const palette = mixPalette(coloursOfPage(), only);
  palettes.set(key, palette);
  return palette;
}

/** The colour of an identity's hue as CSS; textures are for maps and swatches alone. */
export function hueOf(identity: number): string {
  return variable(`--hue-${(identity % 8) + 1}`);
}

export function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function coloursOfPage(): PaletteColours {
  const colour = (name: string) => parseColour(variable(name));
  return {
    hues: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => colour(`--hue-${i}`)),
    siblings: colour('--siblings'),
    before: colour('--before'),
    track: colour('--track'),
    unwanted: colour('--unwanted'),
    paper: colour('--panel'),
  };
}

/** Device pixels for a CSS pixel, also when the window moves to another screen. */
export function usePixelRatio(): number {
  return useSyncExternalStore(onRatio, () => devicePixelRatio);
}

function onRatio(changed: () => void): () => void {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}
