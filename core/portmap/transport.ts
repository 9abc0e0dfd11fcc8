/** What a mapping is for. */
export type Transport = 'tcp' | 'udp';

/** Its number in IP headers and in PCP. */
export const PROTOCOL_NUMBER: Readonly<Record<Transport, number>> = { tcp: 6, udp: 17 };
