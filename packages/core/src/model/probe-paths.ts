/** Where a kit program's management listener answers when its contract says nothing else. */
export const defaultProbePaths = { ready: "/health/ready", live: "/health/live", metrics: "/metrics" } as const;
