/** The words of tables. */
export const tableWords = {
  sortBy: (title: string): string => `Sort by ${title}`,
} as const
