/** The version that `GET /api/about` tells. */
export const version = '0.1.0'
