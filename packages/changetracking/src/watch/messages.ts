import type { Blind, Overflow, Touch, WatchCounts, WatchInterests, WatchMethod } from './touch.ts'

/** What the watch's thread is started with. */
export interface ThreadStart {
  /** Descriptor of the waker that says that a message waits. */
  readonly wakerDescriptor: number
  /** What to try first; `none` is for nobody. */
  readonly prefer: 'fanotify' | 'inotify'
}

/** What the thread is told. */
export type ToThread =
  | { readonly kind: 'watch'; readonly id: number; readonly interests: WatchInterests }
  /** A batch was taken; the next one may come. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'stop' }

/** What the thread tells. */
export type FromThread =
  | { readonly kind: 'ready'; readonly method: WatchMethod; readonly trouble: string | undefined }
  | { readonly kind: 'watching'; readonly id: number }
  | { readonly kind: 'blind'; readonly blind: readonly Blind[] }
  | {
      readonly kind: 'batch'
      readonly touches: readonly Touch[]
      readonly overflows: readonly Overflow[]
      readonly counts: WatchCounts
    }
  | { readonly kind: 'failed'; readonly reason: string }
