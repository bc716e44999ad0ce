/** The longest key or bucket name, in bytes (bbolt's MaxKeySize). */
export const KEY_BYTES_MAX = 32_768

/** The longest value, in bytes (bbolt's MaxValueSize). */
export const VALUE_BYTES_MAX = 2 ** 31 - 2

/** Bytes of pages that stay in memory after they were read, unless the options say otherwise. */
export const CACHE_BYTES_MAX = 8 * 1024 * 1024

/** `check` stops looking after this many problems. */
export const PROBLEMS_MAX = 100

/** No B+tree that fits a disk is deeper; a damaged one may pretend to be. */
export const TREE_DEPTH_MAX = 64

/** Page sizes that bbolt files are found with: powers of two between these. */
export const PAGE_SIZE_MIN = 1024
export const PAGE_SIZE_MAX = 65_536
