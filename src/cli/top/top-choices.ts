/** What a user of `sluice top` can choose, by flags and by keys. */

export const groupings = ['service', 'route', 'cluster'] as const;
/** What requests are counted together by. */
export type Grouping = (typeof groupings)[number];

export const sortOrders = ['requests', 'success', 'p99', 'name'] as const;
/** What the first lines have: the most requests, the least success, the longest p99. */
export type SortOrder = (typeof sortOrders)[number];
