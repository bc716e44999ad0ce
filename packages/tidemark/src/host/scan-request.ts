/** Calls `scan` at each SIGUSR1, which `tidemark scan` sends; the function that comes back ends that. */
export function onScanRequest(scan: () => void): () => void {
  process.on('SIGUSR1', scan)
  return () => void process.off('SIGUSR1', scan)
}
