import type { Static, TSchema, Type } from "typebox";
import { freeze } from "./freeze.ts";
import type { Pod } from "./pod.ts";
import type { Resource } from "./resource.ts";

/** Resources that are on only when one of their profiles is. Membership only: it changes nothing else about them. */
export interface Profile {
  readonly kind: "profile";
  readonly names: readonly string[];
  readonly members: readonly (Resource | Pod)[];
}

/** Puts resources into a profile, or into several: `profile(["cache", "production"], [redis(...)])`. */
export function profile(names: string | readonly string[], members: readonly (Resource | Pod)[]): Profile {
  return freeze({ kind: "profile", names: typeof names === "string" ? [names] : [...names], members: [...members] });
}

/** A name for the networks on which its members are reached. It names them and lets nobody reach more. */
export interface NetworkClass {
  readonly kind: "network";
  readonly name: string;
  readonly members: readonly StackItem[];
}

/**
 * Names the network on which others reach these: `network("database-network", [db])`. Networks still follow from references:
 * where the members' users differ there is one for each set of users, `NAME_` and its first member. Each leads nowhere, and is
 * encrypted on Swarm. Default: named after whom it leads to.
 */
export function network(name: string, members: readonly StackItem[]): NetworkClass {
  return freeze({ kind: "network", name, members: [...members] });
}

/** The schema of a stack's parameters: a flat object, one `Type.*` a key, defaults in the schema. */
export type ParamsSchema = Type.TObject<Record<string, TSchema>>;

/** What a stack is made of: resources, pods, profiles, network classes, and lists of these (a function that returns some is a composition). */
export type StackItem = Resource | Pod | Profile | NetworkClass | readonly StackItem[];

/** Parameters and environments. The first environment is the default one; without any it is `dev`. */
export interface StackOptions<S extends ParamsSchema> {
  readonly params: S;
  /** Parameter values by environment; `{}` takes the schema's defaults. */
  readonly environments?: Readonly<Record<string, Partial<Static<S>>>>;
}

/** What a stack file's default export is: data, and the pure function that makes the resources from parameters. */
export interface StackDefinition {
  readonly kind: "stack";
  readonly modelVersion: 1;
  readonly name: string;
  readonly params: ParamsSchema;
  readonly environments: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly build: (params: never) => readonly StackItem[];
}

const noParams: ParamsSchema = freeze({
  type: "object",
  properties: {},
  required: [],
}) as unknown as ParamsSchema;

/** Defines a stack: a name and its resources. */
export function defineStack(name: string, resources: readonly StackItem[]): StackDefinition;
/** Defines a stack whose resources depend on parameters. */
export function defineStack<S extends ParamsSchema>(
  name: string,
  options: StackOptions<S>,
  build: (params: Static<S>) => readonly StackItem[],
): StackDefinition;
export function defineStack<S extends ParamsSchema>(
  name: string,
  second: readonly StackItem[] | StackOptions<S>,
  build?: (params: Static<S>) => readonly StackItem[],
): StackDefinition {
  const isList = (value: typeof second): value is readonly StackItem[] => Array.isArray(value);
  const plain = isList(second);
  return Object.freeze({
    kind: "stack",
    modelVersion: 1,
    name,
    params: plain ? noParams : second.params,
    environments: (plain ? undefined : second.environments) ?? { dev: {} },
    // The loader checks the parameters against `params` before it calls this.
    build: plain ? () => second : (build as StackDefinition["build"]),
  });
}
