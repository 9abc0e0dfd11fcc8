/** Codes in a piece map. 0 to 31: the piece is there, fetched by that identity. */
export const PIECE = { unwanted: 252, missing: 253, fetching: 254, fromBefore: 255 } as const;
