/** What every operation may be answered with. */
export const refused = {
  '400': 'The request has a mistake; `error` tells which and where',
  '401': 'Not signed in',
  '403': 'The token lacks the right for it',
  '429': 'The token asks for too much; Retry-After tells when to come again',
} as const
