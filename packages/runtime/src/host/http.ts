/**
 * `node:http` without its face as an ES module: that face reads every export, and behind one of them Node loads its
 * WebSocket and fetch client (12 MB, and more time than the rest of a short command).
 */
export const http: typeof import("node:http") = process.getBuiltinModule("node:http");
