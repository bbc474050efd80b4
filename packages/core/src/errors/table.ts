/**
 * Every error code of Caisson, in one place. `docs/errors.md` is generated from it and a test counts both.
 * `summary` says what went wrong in general; `hint` says what to do about it.
 */
export const errorTable = {
  // Stack definition and plan time
  E_STACK_INVALID: {
    summary: "The stack definition has problems; each is listed with its path.",
    hint: "Mend the listed places; all problems are reported at once.",
  },
  E_STACK_LOAD: {
    summary: "The stack file could not be loaded.",
    hint: "Check the file's path, its imports, and that its default export is `defineStack(...)`.",
  },
  E_NAME_INVALID: {
    summary: "A name is not usable.",
    hint: "Use 1 to 40 lower-case letters, digits and single dashes, starting with a letter.",
  },
  E_NAME_DUPLICATE: {
    summary: "Two resources have the same name.",
    hint: "Rename one; names are unique within a stack.",
  },
  E_REFERENCE_UNKNOWN: {
    summary: "A reference names a resource or an output that is not in the stack.",
    hint: "Add the resource to the stack, or correct the reference.",
  },
  E_CYCLE: {
    summary: "Resources wait for each other in a circle.",
    hint: "Break the circle: weaken one edge with `uses(...)`, or drop it.",
  },
  E_PORT_CLASH: {
    summary: "One port has two owners.",
    hint: "Give one of them another port.",
  },
  E_CONTRACT: {
    summary: "A program's contract is not met by the stack.",
    hint: "Pass what the contract declares, with the declared type, and nothing else.",
  },
  E_PARAM: {
    summary: "A parameter is missing, unknown or has the wrong form.",
    hint: "`caisson config --env-example` lists the parameters with their types and defaults.",
  },
  E_PROFILE_UNKNOWN: {
    summary: "A profile is not in the stack.",
    hint: "Use one of the stack's profiles; `caisson graph` shows them.",
  },
  E_ENVIRONMENT_UNKNOWN: {
    summary: "An environment is not in the stack.",
    hint: "Use one of the stack's environments, or add it to `environments`.",
  },
  E_VALUE: {
    summary: "A value in the stack definition is out of its range or form.",
    hint: "Use the form named in the message.",
  },
  E_NOT_IMPLEMENTED: {
    summary: "This is not built yet.",
    hint: "The README says what works today.",
  },
  // Configuration of a program
  E_CONFIG: {
    summary: "A program's configuration is incomplete or has the wrong form.",
    hint: "Set the listed variables; every problem is reported at once.",
  },
  // The agent
  E_NOT_RUNNING: {
    summary: "The stack is not running.",
    hint: "Start it with `caisson up`.",
  },
  E_AGENT_LOST: {
    summary: "The connection to the stack's agent broke.",
    hint: "Run the command again; `caisson up` starts a new agent, which takes over what still runs.",
  },
  E_AGENT_REQUEST: {
    summary: "The agent cannot answer a request.",
    hint: "The command and the agent may differ in version; `caisson up` replaces an older agent.",
  },
  E_RESOURCE_UNKNOWN: {
    summary: "No resource of the stack has that name.",
    hint: "`caisson ps` lists the resources.",
  },
  // Starting programs
  E_PROGRAM_NOT_FOUND: {
    summary: "A program that shall be started is not there.",
    hint: "Check the name, the PATH it is looked up in, and the folder it starts in.",
  },
  E_PROGRAM_NOT_EXECUTABLE: {
    summary: "A program that shall be started may not be executed by the user it runs as.",
    hint: "Give the file and the folders above it to that user, or put the program where that user can reach it.",
  },
  E_SPAWN_LIMIT: {
    summary: "A program could not be started because something of the host is used up.",
    hint: "Raise the limit named in the message (`ulimit -n`, `ulimit -u`, memory) or stop something; then try again.",
  },
  E_SPAWN: {
    summary: "A program could not be started.",
    hint: "The message names the file, folder or user that stood in the way.",
  },
} as const satisfies Record<string, { readonly summary: string; readonly hint: string }>;

/** One of the codes of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;
