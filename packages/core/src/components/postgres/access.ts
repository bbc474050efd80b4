import type { Problem } from "../../errors/problem.ts";
import type { ProvisionStep } from "../../model/resource.ts";
import { secret, type Secret } from "../../model/secret.ts";

/** Schemas of a database, and who may use them beside its owner. */
export interface AccessOptions<R extends string = string> {
  /** Schemas beside `public`, by their names; the database's role owns them. */
  readonly schemas?: readonly string[];
  /**
   * Further roles by name, each with what it may do by schema, on what is there and what comes; nothing that is not listed.
   * `read-write` changes rows; what is made stays the owner's.
   */
  readonly roles?: Readonly<Record<R, SchemaAccess>>;
}

/** By schema. */
export type SchemaAccess = Readonly<Record<string, "read" | "read-write">>;

/** What follows from them. */
interface Access {
  readonly roles: readonly { readonly role: string; readonly password: Secret }[];
  readonly steps: readonly ProvisionStep[];
  readonly problems: readonly Problem[];
}

/** The steps that make them, after database and owner. */
export function accessOf(name: string, database: string, owner: string, options: AccessOptions): Access {
  const { schemas = [] } = options;
  const roles = Object.entries(options.roles ?? {}).map(([role, access]) => ({
    role,
    access,
    password: passwordOf(name, role),
  }));
  const may = (access: SchemaAccess, what: "read" | "read-write"): string[] =>
    Object.entries(access).flatMap(([schema, given]) => (given === what ? [schema] : []));
  return {
    roles,
    steps: [
      ...schemas.map((schema): ProvisionStep => ({ kind: "postgres-schema", database, schema, owner })),
      ...roles.flatMap(({ role, access, password }): ProvisionStep[] => [
        { kind: "postgres-role", role, password },
        {
          kind: "postgres-access",
          database,
          role,
          owner,
          read: may(access, "read"),
          write: may(access, "read-write"),
        },
      ]),
    ],
    problems: problems(name, owner, options),
  };
}

/** The password of a role of the server `name`. */
export function passwordOf(name: string, role: string): Secret {
  return secret(`${name}-${role.replaceAll("_", "-")}`);
}

function problems(name: string, owner: string, { schemas = [], roles = {} }: AccessOptions): Problem[] {
  const problem = (path: string, message: string): Problem => ({ code: "E_VALUE", path: `${name}/${path}`, message });
  const isName = (text: string): boolean => /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(text);
  const known = ["public", ...schemas];
  return [
    ...(owner === "postgres"
      ? [problem("user", 'expected a role other than the superuser, got "postgres"; say `user` or `database`')]
      : []),
    ...schemas
      .filter((schema) => !isName(schema) || schema === "public" || schema === "information_schema")
      .map((schema) =>
        problem(
          `schemas/${schema}`,
          `expected a name of lower-case letters, digits and _ that is not PostgreSQL's own, got ${JSON.stringify(schema)}`,
        ),
      ),
    ...Object.entries(roles).flatMap(([role, access]) => [
      ...(isName(role) && ![owner, "postgres", "superuser"].includes(role)
        ? []
        : [
            problem(
              `roles/${role}`,
              `expected a name of lower-case letters, digits and _ that no other role has, got ${JSON.stringify(role)}`,
            ),
          ]),
      ...Object.keys(access)
        .filter((schema) => !known.includes(schema))
        .map((schema) =>
          problem(`roles/${role}/${schema}`, `names a schema that the database has not: ${known.join(", ")}`),
        ),
    ]),
  ];
}
