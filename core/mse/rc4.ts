/** `rc4.wat`, assembled; in WebAssembly RC4 is 1.7 times as fast as in JavaScript. */
export const RC4_MODULE =
  '0061736d0100000001060160027f7f00030201000503010005071202066d656d6f7279020005637279707400000a7f017d01047f41002d008002' +
  '210241002d008102210302400340200020014f0d01200241016a41ff017122022d0000220420036a41ff017122032d00002105200220053a0000' +
  '200320043a0000200020002d0000200420056a41ff01712d0000733a0000200041016a21000c000b0b410020023a008002410020033a0081020b';

/** What the compiler does not know: this program's types are those of Node, which leave WebAssembly out. */
interface WebAssemblyGlobal {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

interface Rc4Module {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly crypt: (at: number, end: number) => void;
}

/** The permutation, then i and j. */
const STATE = 258;
/** Where the module's memory takes data, and how much at a time: as much as one read from a socket brings. */
const DATA = 1024;
const WINDOW = 256 * 1024;

let loaded: { readonly memory: Uint8Array; readonly crypt: Rc4Module['crypt'] } | undefined;

/** One module for all ciphers of the process: a call puts its state in and takes it out again. */
function load(): NonNullable<typeof loaded> {
  const { WebAssembly } = globalThis as unknown as WebAssemblyGlobal;
  const bytes = Uint8Array.from(RC4_MODULE.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const { memory, crypt } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Rc4Module;
  return (loaded = { memory: new Uint8Array(memory.buffer), crypt });
}

/** One direction of an RC4 stream. */
export class Rc4 {
  readonly #state = new Uint8Array(STATE);

  /** `key`: 1 to 256 bytes. */
  constructor(key: Uint8Array) {
    const s = this.#state;
    for (let i = 0; i < 256; i++) s[i] = i;
    for (let i = 0, j = 0; i < 256; i++) {
      const a = s[i] ?? 0;
      j = (j + a + (key[i % key.length] ?? 0)) & 255;
      s[i] = s[j] ?? 0;
      s[j] = a;
    }
  }

  /** Encrypts or decrypts the next bytes of the stream where they lie. */
  apply(data: Uint8Array): void {
    const { memory, crypt } = loaded ?? load();
    memory.set(this.#state);
    for (let from = 0; from < data.length; from += WINDOW) {
      const whole = data.length <= WINDOW;
      const part = whole ? data : data.subarray(from, from + WINDOW);
      memory.set(part, DATA);
      crypt(DATA, DATA + part.length);
      part.set(memory.subarray(DATA, DATA + part.length));
    }
    this.#state.set(memory.subarray(0, STATE));
  }
}
