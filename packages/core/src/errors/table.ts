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
  E_POD: {
    summary: "A pod cannot be made of its members.",
    hint: "A pod's members are services and an nginx; replicas, limits and reservations are the pod's.",
  },
  E_CONTRACT: {
    summary: "A program's contract is not met by the stack.",
    hint: "Pass what the contract declares, with the declared type, and nothing else.",
  },
  E_PARAM: {
    summary: "A parameter is missing, unknown or has the wrong form.",
    hint: "`caisson config --env-example` lists the parameters with their types and defaults.",
  },
  E_NETWORK_CLASS: {
    summary: "A network class of the stack names no network.",
    hint: "Put what others connect to into it, each into one class; networks follow from references.",
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
  E_METRIC: {
    summary: "An alert or a panel could never answer.",
    hint: "Use a metric that a program or component of the stack declares, with the labels it declares.",
  },
  E_PART_GONE: {
    summary: "A part of the stack is one that nobody maintains any more.",
    hint: "Use the successor that the message names.",
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
  // A program built on the kit
  E_ROUTE: {
    summary: "A route cannot be registered.",
    hint: 'Give every route `guard: "public"` or a guard of yours.',
  },
  E_LISTEN: {
    summary: "A program cannot listen where it was told to.",
    hint: "Free the address, or set HOST and PORT (MANAGEMENT_HOST and MANAGEMENT_PORT) to another.",
  },
  E_DEPENDENCY: {
    summary: "A job waited for something it needs, and it did not come.",
    hint: "Start what the message names, or look at why it is not ready; then run the job again.",
  },
  E_MIGRATION: {
    summary: "The database's schema and the folder of migrations do not go together.",
    hint: "Never change or remove a migration that was applied; add a new one.",
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
  E_RESOURCE_FAILED: {
    summary: "A resource did not reach the state that was asked for.",
    hint: "`caisson why NAME` tells the chain of causes, `caisson logs NAME` what it said.",
  },
  E_CONFIRM: {
    summary: "The plan would touch data and wants a yes.",
    hint: "Answer on a terminal, or run again with --yes when you mean it.",
  },
  E_DOCKER: {
    summary: "The Docker Engine cannot be used, or refused something.",
    hint: "Check that an engine runs and that you may use it: `docker version`.",
  },
  E_IMAGE: {
    summary: "An image is not there.",
    hint: "`docker pull IMAGE` tells more: does the engine's host reach the registry, its name server, its proxy? `caisson images load FILE` reads it from an archive, `caisson build` makes the stack's own.",
  },
  E_NETWORKS: {
    summary: "An engine has no addresses left for a network.",
    hint: "Remove networks that nobody uses (`docker network prune`), or set CAISSON_NETWORK_POOL to a free range.",
  },
  E_TARGET: {
    summary: "The stack belongs to another target.",
    hint: "Take it down there first: `caisson down`, with -v where its data may go.",
  },
  E_PROVIDER: {
    summary: "This host has no program for a component.",
    hint: "Use one of the listed ways to get it.",
  },
  E_REPLICAS: {
    summary: "A resource cannot have that many replicas here.",
    hint: "Use one replica, or a target that can.",
  },
  E_CAPACITY: {
    summary: "The host has less than the stack reserves.",
    hint: "Lower the named reservations, or accept it with --allow-overcommit.",
  },
  E_RUNNING: {
    summary: "This cannot be done while the stack runs.",
    hint: "Stop it with `caisson down`, then run the command again.",
  },
  E_VOLUME: {
    summary: "A resource's data is not as expected.",
    hint: "Look at the named folder; nothing in it was changed.",
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
  // State and data
  E_STATE_NEWER: {
    summary: "The state was written by a newer version of Caisson.",
    hint: "Use that version, or move the state file aside to start from an empty state; data is not touched.",
  },
  E_STATE_BUSY: {
    summary: "The state is open in another process.",
    hint: "End the process that has it open (a backup, an SQLite shell), then try again.",
  },
  E_STATE_READ: {
    summary: "The state cannot be read.",
    hint: "Make the file readable, or move it aside to start from an empty state; data is not touched.",
  },
  E_AGENT_RUNNING: {
    summary: "Another agent already runs this stack and environment.",
    hint: "Use it (`caisson ps`), or end it with `caisson down`.",
  },
  E_AGENT_LOCK: {
    summary: "The lock that keeps a second agent away cannot be taken.",
    hint: "The folder must be writable; a lock file that is no lock file can be removed while no agent runs.",
  },
  E_FOLDER_UNSAFE: {
    summary: "A folder for private files is open to others or belongs to somebody else.",
    hint: "Give it to the user that runs Caisson and close it to others (chmod 700).",
  },
  E_INSTANCE_COPIED: {
    summary: "The project's folder is a copy of one that still exists, with its state.",
    hint: "Remove `.caisson` from the copy; it then gets data of its own.",
  },
  E_DATA_FOREIGN: {
    summary: "A data folder belongs to another instance, or to nobody known.",
    hint: "Move it away, or bring it up where it was made.",
  },
  E_DATA_COMPONENT: {
    summary: "A data folder belongs to another resource or another kind of component.",
    hint: "Give the resource its old name back, or say `renamedFrom`.",
  },
  E_DATA_RENAMED: {
    summary: "Data would be left behind under an old name.",
    hint: "Say `renamedFrom` in the resource that takes the data over.",
  },
  E_DATA_MAJOR: {
    summary: "A data folder was written by another major version of the component.",
    hint: "Keep the old version, or export the data, remove it, and import it with the new one.",
  },
  // Secrets
  E_SECRET_LOST: {
    summary: "Data was made with a secret that is not known any more.",
    hint: "Put the secret's file back, or give the data a new one with `caisson secret reset NAME`.",
  },
  E_SECRET_MISSING: {
    summary: "A secret that people supply has not been supplied.",
    hint: "Supply it with `caisson secret set NAME` (it is read from standard input).",
  },
  E_SECRET_VALUE: {
    summary: "A secret's value cannot be used.",
    hint: "Use the form named in the message.",
  },
  E_SECRET_FILE: {
    summary: "A secret's file is damaged, or open to others.",
    hint: "Follow the message; a damaged file must be put back from a copy or the secret reset.",
  },
  // Ports
  E_PORT_TAKEN: {
    summary: "A fixed port is in use.",
    hint: "End the program that has it, or change the port.",
  },
  E_PORT_DENIED: {
    summary: "The system does not let us listen on a port.",
    hint: "Ports below 1024 are root's: use another port, or allow it with net.ipv4.ip_unprivileged_port_start.",
  },
  E_PORT_ADDRESS: {
    summary: "An address to listen on is not one of this machine.",
    hint: "Use 127.0.0.1, or an address that `ip addr` shows.",
  },
  E_PORT_NONE: {
    summary: "No port is free.",
    hint: "Stop stacks that are not used; `caisson ps` shows their ports.",
  },
  // The host's programs
  E_PROVIDER_BROKEN: {
    summary: "A program is there but not usable.",
    hint: "Install it again.",
  },
  E_SERVICE_USER: {
    summary: "There is no user that a program which refuses to run as root could run as.",
    hint: "Make one: useradd --system --no-create-home --shell /usr/sbin/nologin caisson",
  },
} as const satisfies Record<string, { readonly summary: string; readonly hint: string }>;

/** One of the codes of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;
