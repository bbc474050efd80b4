import { query } from "./database.ts";

// Everything a migration can make, by name, without oids: two databases with one schema give one text.
const catalogues: readonly string[] = [
  `select 'column', c.oid::regclass::text, a.attname,
     concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attstorage, a.attcompression,
       pg_get_expr(d.adbin, d.adrelid))
   from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')`,
  `select 'relation', c.oid::regclass::text, c.relkind::text,
     concat_ws(' ', c.reloptions::text, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
       (select inhparent::regclass::text from pg_inherits where inhrelid = c.oid))
   from pg_class c where c.relnamespace = 'public'::regnamespace`,
  `select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
   where connamespace = 'public'::regnamespace`,
  `select 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
   where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`,
  `select 'function', oid::regprocedure::text, provolatile::text, pg_get_functiondef(oid) from pg_proc
   where pronamespace = 'public'::regnamespace`,
  `select 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal`,
  `select 'row', 'shard', id::text, epoch::text from shard`,
  `select 'row', 'caisson_schema', version::text, concat_ws(' ', name, sha256) from caisson_schema`,
];

/** The schema of a database as one text, and the rows that migrations made. */
export async function dumpSchema(url: string): Promise<string> {
  const parts = await Promise.all(
    catalogues.map((text) => query(url, `select * from (${text}) as dump (kind, name, part, definition)`)),
  );
  return parts
    .flat()
    .map((row) => Object.values(row).join(" | "))
    .toSorted()
    .join("\n");
}
