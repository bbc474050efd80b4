/** An error as the agent tells it. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The error to throw for one that the agent told: known by its fields, as those of another copy of core are. */
export function reportedError({ code, message, hint }: ToldError): Error {
  if (code === "E_BUG") return new Error(message);
  return Object.assign(new Error(message), { name: "CaissonError", code, hint, problems: [] });
}
