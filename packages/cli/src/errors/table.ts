/** The error codes of the command line itself, in the form of core's table; those of stacks and agents are there. */
export const commandErrors = {
  E_USAGE: {
    summary: "The command line could not be understood.",
    hint: "`caisson help VERB` lists what a verb takes.",
  },
  E_ARGUMENT: {
    summary: "An argument is missing.",
    hint: "`caisson help VERB` lists what a verb takes.",
  },
  E_DECLINED: {
    summary: "The question was answered with no; nothing was changed.",
    hint: "Repeat the command and answer y, or pass --yes.",
  },
  E_FILE: {
    summary: "A file or a folder could not be read or written.",
    hint: "Check the path and its permissions.",
  },
  E_WAIT_TIMEOUT: {
    summary: "Not everything was ready within the time given.",
    hint: "`caisson why RESOURCE` tells what it waits for.",
  },
  E_RENDER_STALE: {
    summary: "The rendered files are not what the stack says.",
    hint: "Render again and take the files.",
  },
  E_SECRET_EXPOSED: {
    summary: "A folder for secrets' values is in a git work tree that does not ignore it.",
    hint: "Add it to .gitignore, or use a folder outside.",
  },
  E_SECRET_UNKNOWN: {
    summary: "The stack has no secret of that name.",
    hint: "`caisson secret list` lists them.",
  },
  E_SQL: {
    summary: "The database refused a statement or the connection.",
    hint: "`caisson why STORE` tells whether the store is up.",
  },
  E_NODE_VERSION: {
    summary: "This Node is too old.",
    hint: "Install Node 24, or run `npm ci` on Linux x64 or arm64, which brings one.",
  },
} as const satisfies Record<string, { readonly summary: string; readonly hint: string }>;

/** One of the codes of {@link commandErrors}. */
export type CommandCode = keyof typeof commandErrors;
