/** Where the machine's bearer token for the control plane comes from. */
export interface MachineTokens {
  /** A token that is good now. Rejects where there is none to be had. */
  token(signal: AbortSignal): Promise<string>
  /** The server did not take it: the next question asks for a new one. */
  forget(): void
}

/** The token that stands in the registration, which is good until the machine is registered again. */
export function fixedToken(token: string): MachineTokens {
  return { token: async () => await Promise.resolve(token), forget: () => undefined }
}
