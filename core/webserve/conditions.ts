/** What a request makes its answer depend on (RFC 9110, 13). Our files have no date that means anything, so only tags count. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifRange: string | undefined;
}

/** `failed`: 412; `unchanged`: 304; `whole`: the Range header does not count; `go`: all is as asked. */
export type Verdict = 'failed' | 'unchanged' | 'whole' | 'go';

/** Compares with the strong tag of the file, quotes included. */
export function judgeConditions({ ifMatch, ifNoneMatch, ifRange }: Conditions, etag: string): Verdict {
  if (ifMatch !== undefined && !names(ifMatch, etag, false)) return 'failed';
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag, true)) return 'unchanged';
  // A date cannot be right, as none was ever told.
  return ifRange === undefined || ifRange.trim() === etag ? 'go' : 'whole';
}

/** Whether a list of tags names this one; `weak`: also where it is marked as weak. */
function names(list: string, etag: string, weak: boolean): boolean {
  if (list.trim() === '*') return true;
  return list.split(',').some((item) => {
    const tag = item.trim();
    return tag === etag || (weak && tag === `W/${etag}`);
  });
}
