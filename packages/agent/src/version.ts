/** The version that heartbeats and status tell. */
export const version = '0.1.0'
