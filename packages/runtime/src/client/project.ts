/** Which stack is meant: its project's root folder (absolute), its name, and the environment. */
export interface Project {
  readonly root: string;
  readonly stack: string;
  readonly environment: string;
}
