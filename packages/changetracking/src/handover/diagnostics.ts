import type { Clock } from '@tidemark/base'
import { connectForward, forwardTime, socketAddress } from '@tidemark/forward'
import { diagnosticsTag, type ExtensionStatus, socketNames } from '@tidemark/model'

/** Tells the agent how it goes. An agent that is away, or that knows no such status, is no trouble: false then. */
export async function tellStatus(
  status: ExtensionStatus,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly socketsDirectory?: string | undefined },
): Promise<boolean> {
  const { clock, signal, socketsDirectory } = options
  try {
    const address = socketAddress(socketNames.diagnostics, socketsDirectory)
    await using client = await connectForward(address, { clock, signal, answerMsMax: 5_000 })
    const outcome = await client.send(diagnosticsTag, [{ time: forwardTime(clock.nowMs()), record: { ...status } }])
    return outcome.kind === 'accepted'
  } catch {
    return false
  }
}
