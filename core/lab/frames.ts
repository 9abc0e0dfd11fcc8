/** Bytes of TCP payload in a full frame of Ethernet (IPv4, with time stamps), and of the frame as a shaper counts it. */
const PAYLOAD = 1448;
const FRAME = 1514;

/** What of so many bytes, or bytes a second, on a line is payload, as lines carry full frames. */
export const payloadOf = (carried: number): number => (carried * PAYLOAD) / FRAME;

/** Most bytes of a connection that a line takes before it takes others': two full frames, as TCP sends them. */
export const TURN = 2 * PAYLOAD;
