/** Addresses that stand for the internet where the system is asked for a way; nothing is sent to them. */
export const FAR = { 4: '1.1.1.1', 6: '2606:4700:4700::1111' } as const;
