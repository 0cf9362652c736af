import type { Contestant } from '../../contestant.ts';
import { plane } from '../../plane.ts';

/** The database alone, with the tables, partitions and indexes that our own migrations made: the plane starts once on it, and is gone before anything is measured. */
export const bareInsert: Contestant = {
  name: 'bare insert',
  start: async (arena) => {
    const migrating = await plane.start({ ...arena, customers: 0, nodeOptions: [] });
    await migrating.stop();
    return { url: arena.databaseUrl, pids: [], accounts: [], stop: () => Promise.resolve() };
  },
};
