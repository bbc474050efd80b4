import type { Action, Plan } from "./plan-types.ts";

/** The plan for people: a line an operation with its cause and what it comes after, then questions and what stays. */
export function formatPlan({ operations, confirmations, unchanged }: Plan): string {
  const rows = operations.map(({ id, action, cause, after }) => ({
    id: `${id}`,
    words: actionWords(action),
    cause: after.length === 0 ? cause : `${cause}; after ${after.join(", ")}`,
  }));
  const idWidth = width(rows.map((row) => row.id));
  const wordsWidth = width(rows.map((row) => row.words));
  const lines = rows.map((row) => `${row.id.padStart(idWidth)}  ${row.words.padEnd(wordsWidth)}  ${row.cause}`);
  return [
    ...(lines.length === 0 ? ["nothing to do"] : lines),
    ...confirmations.map(({ resource, message }) => `confirm ${resource}: ${message}`),
    ...(unchanged.length === 0 ? [] : [unchangedWords(unchanged)]),
  ].join("\n");
}

/** What an operation does, in words: `start postgres #1`. */
export function actionWords(action: Action): string {
  switch (action.type) {
    case "create-volume":
      return `create volume ${action.resource}/${action.volume}`;
    case "rename-volumes":
      return `move data of ${action.from} to ${action.to}`;
    case "deliver-files":
      return `deliver files of ${action.resource} #${action.generation}`;
    case "set-desired":
      return `set ${action.resource} to #${action.generation}${action.replicas === 1 ? "" : ` x ${action.replicas}`}`;
    case "await":
      return `await ${action.resource} ${action.condition}`;
    case "remove":
      return `remove ${action.resource}`;
  }
}

/** More names than this say nothing to anybody. */
const shown = 20;

function unchangedWords(names: readonly string[]): string {
  const more = names.length > shown ? ` and ${names.length - shown} more` : "";
  return `unchanged: ${names.slice(0, shown).join(", ")}${more}`;
}

function width(texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, text.length), 0);
}
