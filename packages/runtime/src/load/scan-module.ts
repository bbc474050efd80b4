/** What a module's text names: imports (specifiers), and files beside it (paths relative to its folder). */
export interface ModuleNames {
  readonly imports: readonly string[];
  readonly assets: readonly string[];
}

const gap = String.raw`(?:\s|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|//[^\n]*\n)*`;
const text = String.raw`(?<quote>["'\x60])(?<text>(?:(?!\k<quote>|\$\{)[^\\\n])+)\k<quote>`;
const importPattern = new RegExp(String.raw`(?<![\w$.])(?<word>from|import|require)${gap}(?:\(${gap})?${text}`, "g");
const urlPattern = new RegExp(String.raw`\bnew\s+URL${gap}\(${gap}${text}${gap},${gap}import\.meta\.url`, "g");
const resolvePattern = new RegExp(String.raw`\bimport\.meta\.resolve${gap}\(${gap}${text}`, "g");
const dirnamePattern = /\bimport\.meta\.dirname((?:\s*,\s*(?:"[^"\n]*"|'[^'\n]*'))+)/g;

/**
 * Finds what a module imports (static, `export from`, dynamic and `require` with a literal; type-only imports left out)
 * and which files it reads: `new URL("./x", import.meta.url)`, `import.meta.resolve("./x")` and
 * `join(import.meta.dirname, "x")`. Reads text, not syntax: a name in a comment or a string counts too, which at worst
 * makes one file more part of a program. Nothing that runs is missed, but for names put together at run time.
 */
export function scanModule(source: string): ModuleNames {
  const imports = new Set<string>();
  const assets = new Set<string>();
  for (const { index, groups } of source.matchAll(importPattern)) {
    const { word, text: specifier } = groups ?? {};
    if (specifier !== undefined && !(word === "from" && isTypeOnly(source, index))) imports.add(specifier);
  }
  for (const pattern of [urlPattern, resolvePattern])
    for (const { groups } of source.matchAll(pattern))
      if (/^\.{1,2}(\/|$)/.test(groups?.["text"] ?? "")) assets.add(groups?.["text"] ?? "");
  for (const [, parts] of source.matchAll(dirnamePattern))
    assets.add(
      (parts ?? "")
        .split(/["']\s*,\s*["']/)
        .map((part) => part.replaceAll(/^[\s,]*["']|["']$/g, ""))
        .join("/"),
    );
  return { imports: [...imports], assets: [...assets] };
}

/** `import type { A } from` and `export type { A } from`; not `import type from "x"`, where `type` is a name. */
function isTypeOnly(source: string, from: number): boolean {
  const head = source.slice(Math.max(0, from - 4000), from);
  const start = Math.max(head.lastIndexOf("import "), head.lastIndexOf("export "));
  return /^(?:import|export)\s+type\s+(?:[\w$]+|\*(?:\s+as\s+[\w$]+)?|\{[^{}"'`;=]*\})\s*$/.test(
    start === -1 ? "" : head.slice(start),
  );
}
