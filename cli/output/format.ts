/** `0:32`, `12:05`, `1:02:03`, `3 d 4 h`. */
export function formatDuration(millis: number): string {
  const total = Math.max(0, Math.ceil(millis / 1000));
  const days = Math.floor(total / 86400);
  const hours = Math.floor(total / 3600) % 24;
  const minutes = Math.floor(total / 60) % 60;
  const seconds = String(total % 60).padStart(2, '0');
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
  return `${minutes}:${seconds}`;
}

/** `45.3%`; 100% only when nothing is missing. */
export function formatPercent(part: number, whole: number): string {
  if (whole === 0 || part >= whole) return '100%';
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)}%`;
}
