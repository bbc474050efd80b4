/** What a line of a pod's log begins with: whose it is. */
export const memberPrefix = (member: string): string => `${member} | `;
