/** The byte after the length prefix that says what a message is (BEP 3, "peer messages"; BEP 5; BEP 6; BEP 10; BEP 52). */
export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const;

/** Longest block that is taken or given, in bytes. Everyone asks for 16 KiB; older clients serve up to 128 KiB. */
export const MAX_BLOCK_LENGTH = 131072;

/** Longest payload of an extended message, in bytes: four times a metadata piece. */
export const MAX_EXTENDED_PAYLOAD = 65536;

/** Wire length of a `piece` message before its payload: prefix, id, piece, begin. */
export const PIECE_HEADER_LENGTH = 13;
