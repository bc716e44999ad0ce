/**
 * Parsers of zod make code of text where they may, and try it when they are loaded; the page's Content-Security-Policy
 * forbids that, and the browser reports who tries. Its settings are shared by all copies of it under this name
 * (zod/v4/core/core.ts). Before any page is loaded.
 */
export function makeNoCode(): void {
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })
}
