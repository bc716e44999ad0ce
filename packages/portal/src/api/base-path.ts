/**
 * The path under which the portal is served, with a slash at its end: `/`, or `/tidemark/` behind a proxy that serves it
 * there. Each page is directly below it, so that the first address of a page tells it.
 */
export const basePath = new URL('.', document.baseURI).pathname

/** The path of the server's API as this browser has to ask for it: `/api/about` behind such a proxy too. */
export function apiPath(path: string): string {
  return basePath + path.replace(/^\//, '')
}
