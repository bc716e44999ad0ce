import manifest from '../package.json' with { type: 'json' }

/** The version of every program of this clone or package. */
export const version: string = manifest.version
