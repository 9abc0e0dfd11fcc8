import { EnsembleError } from '../../core/base/errors.ts';

/** A command that looks at this machine's links found none. */
export const noAddress = (): EnsembleError =>
  new EnsembleError('network', 'This machine has no address but loopback: connect it to a network.');
