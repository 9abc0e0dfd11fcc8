import type { Lens } from './codes.ts';
import { type Drawable, drawNever, drawSoon } from './frames.ts';
import { type Grid, layGrid, type MapSize } from './grid.ts';
import type { MapData, Range } from './map-data.ts';
import { paintCell, type Picture } from './paint.ts';
import type { Palette } from './palette.ts';

/** What a surface shows; a new object means that everything is drawn again. */
export interface Scene {
  readonly data: MapData;
  /** The pieces of it that are shown: the first, and one beyond the last. */
  readonly from: number;
  readonly to: number;
  readonly lens: Lens;
  /** The slot at the bottom of cells for several pieces; -1: none. */
  readonly first: number;
  readonly palette: Palette;
  readonly size: MapSize;
}

/** A canvas that holds a piece map: lays the grid, remembers which cells changed, and draws only these. */
export class Surface implements Drawable {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #scene: Scene | undefined;
  #stop: () => void = () => {};
  #box = { width: 0, height: 0, ratio: 1 };
  #grid: Grid | undefined;
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);
  #dirty = new Uint8Array(0);
  #all = true;
  #visible = true;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  /** Undefined until it has a size and a scene. */
  get grid(): Grid | undefined {
    return this.#grid;
  }

  show(scene: Scene): void {
    this.#stop();
    this.#scene = scene;
    this.#stop = scene.data.onChange((ranges) => this.#mark(ranges));
    this.#lay();
  }

  /** Sets the size in CSS pixels. */
  resize(width: number, height: number): void {
    if (width === this.#box.width && height === this.#box.height) return;
    this.#box = { ...this.#box, width, height };
    this.#lay();
  }

  /** Sets how many device pixels a CSS pixel has. */
  setRatio(ratio: number): void {
    if (ratio === this.#box.ratio) return;
    this.#box = { ...this.#box, ratio };
    this.#lay();
  }

  /** Tells whether it is in sight; otherwise nothing is drawn. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) drawSoon(this);
  }

  dispose(): void {
    this.#stop();
    drawNever(this);
  }

  draw(): void {
    const scene = this.#scene;
    const grid = this.#grid;
    const image = this.#image;
    if (!scene || !grid || !image || !this.#visible) return;
    const { data, lens, first, palette, from } = scene;
    const picture: Picture = { codes: data.codes, arriving: data.arriving, lens, first, from };
    const unit = Math.max(1, Math.round(this.#box.ratio));
    let lowest = -1;
    let highest = -1;
    for (let cell = 0; cell < grid.cells; cell++) {
      if (!this.#all && this.#dirty[cell] === 0) continue;
      paintCell(this.#pixels, grid, cell, picture, palette, unit);
      if (lowest < 0) lowest = cell;
      highest = cell;
    }
    this.#all = false;
    this.#dirty.fill(0);
    if (highest < 0) return;
    const top = grid.edgesY[Math.floor(lowest / grid.columns)] ?? 0;
    const bottom = grid.edgesY[Math.floor(highest / grid.columns) + 1] ?? grid.height;
    this.#context?.putImageData(image, 0, 0, 0, top, grid.width, bottom - top);
  }

  #mark(ranges: readonly Range[]): void {
    const grid = this.#grid;
    const scene = this.#scene;
    if (!grid || !scene) return;
    for (const [from, to] of ranges) {
      const first = Math.max(from, scene.from) - scene.from;
      const last = Math.min(to, scene.to) - scene.from - 1;
      if (last < first) continue;
      this.#dirty.fill(1, Math.floor(first / grid.perCell), Math.floor(last / grid.perCell) + 1);
    }
    if (this.#visible) drawSoon(this);
  }

  #lay(): void {
    const { width, height, ratio } = this.#box;
    const scene = this.#scene;
    if (!scene || width === 0 || height === 0) return;
    const grid = layGrid(scene.to - scene.from, width, height, ratio, scene.size);
    if (grid.width !== this.#grid?.width || grid.height !== this.#grid.height || !this.#image) {
      this.#canvas.width = grid.width;
      this.#canvas.height = grid.height;
      this.#image = new ImageData(grid.width, grid.height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    }
    this.#pixels.fill(0);
    this.#grid = grid;
    this.#dirty = new Uint8Array(grid.cells);
    this.#all = true;
    // At once: a canvas that was given a size is empty, and an empty frame would flicker.
    if (this.#visible) this.draw();
  }
}
