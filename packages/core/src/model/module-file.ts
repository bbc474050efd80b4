/** What we use of `import.meta`; declared here because core compiles without any host's types. */
export interface ModuleMeta {
  readonly url: string;
}

/**
 * A file beside a module: `base` is that module's URL as it ran, `path` is relative to it. The loader replaces `base`
 * with a path relative to the stack's root before anything is hashed or printed.
 */
export interface ModuleFile {
  readonly kind: "module-file";
  readonly base: string;
  readonly path: string;
}

/** A file beside the calling module: `file(import.meta, "./nginx.conf")`. */
export function file(meta: ModuleMeta, path: string): ModuleFile {
  return { kind: "module-file", base: meta.url, path };
}
