import { fileURLToPath } from 'node:url'

/** Where the built portal is in a clone. */
export const portalFolder = fileURLToPath(new URL('../../../portal/dist', import.meta.url))
