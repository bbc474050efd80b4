import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Agent } from "./agent.ts";
import { up } from "./up.ts";
import type { Planner } from "../planning/planner.ts";
import { createWork } from "./work.ts";

test("an agent is busy until planning has ended, also for a client that went away meanwhile", async () => {
  const work = createWork();
  const planning = Promise.withResolvers<never>();
  const planner: Planner = {
    prepare(_, fetching) {
      fetching?.tell("pulling a:1");
      return planning.promise;
    },
  };
  const agent = { work, planner, renewals: { look: () => Promise.resolve() } } as unknown as Agent;
  const lines = up(agent, {} as never, new AbortController().signal);
  expect(await lines.next()).toMatchObject({ value: { type: "note", message: "pulling a:1" } });
  const left = lines.return(undefined);
  await setImmediate();
  expect(work.busy).toBe(true);
  planning.reject(new Error("aborted"));
  await left;
  expect(work.busy).toBe(false);
});
