/** A file that a projection made: its path below the output folder, its text. `run`: it is a script. */
export interface Artifact {
  readonly path: string;
  readonly text: string;
  readonly run?: boolean;
}
