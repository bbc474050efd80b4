/** Names of stacks, resources and secrets. */
export const namePattern = /^[a-z](?:-?[a-z0-9]){0,39}$/;
