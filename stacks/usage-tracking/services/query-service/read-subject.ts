import type { Dimension } from "../../rollups/deltas.ts";
import { refusedParameter } from "./refuse.ts";
import type { Subject } from "./rollup-sql.ts";

/** The checked filters of a query. */
export interface Filters {
  readonly service_type?: string;
  readonly service_provider?: string;
  readonly user_id?: string;
}

/** What totals are asked of. Refuses two filters: totals are kept by one key each. */
export function readSubject(tenant: number, { service_type, service_provider, user_id }: Filters): Subject {
  const filters = [
    ["service_type", "service", service_type],
    ["service_provider", "provider", service_provider],
    ["user_id", "user", user_id],
  ] as const;
  const [filter, second] = filters.filter(([, , key]) => key !== undefined);
  if (second) throw refusedParameter(second[0], "expected one filter at most: totals are kept by one key each");
  const [, dimension = "all", key = ""] = filter ?? [];
  return { tenant, dimension, key };
}

/** The filter that a subject is: of everything none. */
export function filterOf({ dimension, key }: Subject): Readonly<Partial<Record<Dimension, string>>> {
  return dimension === "all" ? {} : { [dimension]: key };
}
