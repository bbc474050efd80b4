import { expect, test } from "vitest";
import { view } from "../testing/view.ts";
import { changeLine } from "./change-line.ts";

const begun = 1_000_000;
const now = begun + 1500;

test("how an earlier run ended is no news; how one ended that was seen is", () => {
  const line = changeLine(false, begun);
  const show = (state: "Exited" | "Starting" | "Running"): string | undefined =>
    line({ type: "resource", resource: view("web", { state, health: "Unknown", since: begun + 900 }) }, now);
  expect(show("Exited")).toBeUndefined();
  expect(show("Starting")).toBe("   1.5s  web  Starting");
  expect(show("Starting")).toBeUndefined();
  expect(show("Running")).toBe("   1.5s  web  Running");
  expect(show("Exited")).toMatch(/^ {3}1\.5s {2}web {2}Exited/);
});
