/** The version that rows, status and diagnostics tell. */
export const version = '0.1.0'
