declare module 'write-file-atomic' {
  interface Options {
    readonly mode?: number;
    /** Called with the path of the new file once it is made, before it is filled. */
    readonly tmpfileCreated?: (path: string) => Promise<void> | void;
  }
  /** Writes to a new file, syncs it, and renames it over `path`. Where `data` is undefined, `tmpfileCreated` fills it. */
  function writeFileAtomic(path: string, data: Uint8Array | undefined, options?: Options): Promise<void>;
  export default writeFileAtomic;
}
