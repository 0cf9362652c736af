/**
 * What the work comes to, for as long as the time lasts. The work itself goes on: who can end it does so.
 * @throws Error with this text where the time is over first; whatever the work throws.
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), deadlineMs);
  });
  try {
    // What the work says later, nobody hears: the race has listened to it.
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
