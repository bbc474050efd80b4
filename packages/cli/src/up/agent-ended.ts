import { reportedError } from "../errors/reported-error.ts";

/** The agent ended in order, by somebody else's wish, before what was asked of it was done. */
export function agentEnded(): Error {
  return reportedError({
    code: "E_AGENT_LOST",
    message: "the stack's agent ended before it was done",
    hint: "Run the command again; `caisson up` starts a new agent, which takes over what still runs.",
  });
}
